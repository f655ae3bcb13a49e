package dev.reelrank.evaluation;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of one video.
 *
 * @param measurements by metric, every wanted one; empty if the video could not be read
 * @param failure why it could not be read; null if it could
 */
public record Evaluated(Map<String, Measurement> measurements, @Nullable StageException failure) {
    public Evaluated {
        measurements = Map.copyOf(measurements);
    }
}
