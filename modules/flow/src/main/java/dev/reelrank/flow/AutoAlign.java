package dev.reelrank.flow;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;

/**
 * Trainings that flow starts by itself.
 *
 * @param name of the adapter that is trained
 * @param every number of new pairs that starts a training, at least 2
 * @param minimumGap of the composite between the best and the worst candidate of a sample; a
 *     smaller one makes no pair
 * @param config how it is trained
 */
public record AutoAlign(String name, int every, double minimumGap, AlignConfig config) {
    public AutoAlign {
        Ids.requireSampleId(name);
        if (every < 2) {
            throw invalid("every", every, "at least 2");
        }
        if (!(minimumGap >= 0)) {
            throw invalid("minimumGap", minimumGap, "at least 0");
        }
    }

    private static StageException invalid(String key, Object value, String rule) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "align.auto.%s is %s; it must be %s".formatted(key, value, rule));
    }
}
