package dev.reelrank.trainer;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.models.ModelFolders;
import java.util.Set;

/**
 * Opens judges of clips. The trainer has no models but the generator's: whoever starts it gives it
 * those of the other workers.
 */
public interface ClipJudges {
    /**
     * Looks whether these figures can be measured, before a training spends hours.
     *
     * @param figures some of {@link dev.reelrank.pipeline.config.AlignConfig#GUARDS}
     * @throws StageException INVALID_CONFIG, MODEL_MISSING or MODEL_MISMATCH
     */
    void check(Set<String> figures, ModelFolders folders, Device device);

    /** Loads what measures these figures. */
    ClipJudge open(Set<String> figures, ModelFolders folders, Device device, int cores);

    /** Measures nothing, and says so. */
    ClipJudges NONE =
            new ClipJudges() {
                @Override
                public void check(Set<String> figures, ModelFolders folders, Device device) {
                    if (!figures.isEmpty()) {
                        throw new StageException(
                                FailureCode.INVALID_CONFIG,
                                "align.guards and align.target name %s, which this process cannot measure: start the trainer with 'reelrank worker align'"
                                        .formatted(figures));
                    }
                }

                @Override
                public ClipJudge open(
                        Set<String> figures, ModelFolders folders, Device device, int cores) {
                    check(figures, folders, device);
                    throw new IllegalArgumentException("a judge of nothing");
                }
            };
}
