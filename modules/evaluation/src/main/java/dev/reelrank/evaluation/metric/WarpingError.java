package dev.reelrank.evaluation.metric;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * What optical flow cannot explain: flicker and things that change their look.
 *
 * <p>Formula: mean error of each frame against the one before, moved along Farnebäck's flow,
 * brightness 0..255. Range 0 to ∞, lower is better. Models: none. Source: Video-DPO's notebook; the
 * same code judges adapters.
 */
public final class WarpingError implements Metric<FrameFigures> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "warping_error",
                    "warping error",
                    "mean error of each frame against the one before, moved along Farnebäck's flow,"
                            + " brightness 0..255",
                    0,
                    Double.POSITIVE_INFINITY,
                    Direction.LOWER,
                    List.of(),
                    "Video-DPO's notebook; the same code judges adapters",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(FrameFigures seen) {
        return seen.measure(this, ClipMetrics.WARPING_ERROR);
    }
}
