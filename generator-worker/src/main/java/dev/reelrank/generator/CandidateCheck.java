package dev.reelrank.generator;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;

/** Checks a configuration against the models it names, before anything is submitted. */
public final class CandidateCheck {
    private CandidateCheck() {}

    /**
     * Refuses what one of the models of a configuration cannot do, before anything is submitted.
     *
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG for what the model cannot do,
     *     MODEL_MISSING or MODEL_MISMATCH if the model is not there or not whole
     */
    public static void check(CandidateConfig config, ModelFolders folders) {
        var families = GeneratorFamilies.all();
        config.candidateSeeds().stream()
                .map(seed -> config.withSeed(seed).model())
                .distinct()
                .forEach(
                        name ->
                                families.open(
                                                name == null
                                                        ? folders.folder(ModelName.WAN)
                                                        : folders.generator(name))
                                        .options()
                                        .check(config));
    }
}
