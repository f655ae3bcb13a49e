package dev.reelrank.evaluation.metric;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * How much moves. It stands beside the others because a still video is the steadiest and most alike
 * of all.
 *
 * <p>Formula: mean length of Farnebäck's flow, pixels per frame. Range 0 to ∞, neither direction is
 * better. Models: none. Source: Video-DPO's notebook; the same code judges adapters.
 */
public final class Motion implements Metric<FrameFigures> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "motion",
                    "motion",
                    "mean length of Farnebäck's flow, pixels per frame",
                    0,
                    Double.POSITIVE_INFINITY,
                    Direction.NEITHER,
                    List.of(),
                    "Video-DPO's notebook; the same code judges adapters",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(FrameFigures seen) {
        return seen.measure(this, ClipMetrics.MOTION);
    }
}
