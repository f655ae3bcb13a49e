package dev.reelrank.dqa;

import dev.reelrank.grading.prompt.PromptFacts;
import dev.reelrank.grading.spatial.Segmentation;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.GradeResult;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The result of grading a {@link VideoFile}.
 *
 * @param result null if it failed
 * @param failure null if it did not
 * @param facts of its prompt; null if it failed or the language phase was left out
 * @param segmentations of the first and the last frame, where the perception phase ran
 * @param features for the linear preference model, by name
 */
public record GradedFile(
        Path video,
        @Nullable GradeResult result,
        @Nullable StageException failure,
        @Nullable PromptFacts facts,
        List<Segmentation> segmentations,
        Map<String, Double> features) {
    public GradedFile {
        segmentations = List.copyOf(segmentations);
        features = Map.copyOf(features);
    }
}
