package dev.reelrank.evaluation.metric;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * How much changes from frame to frame: motion and flicker together, so neither direction is
 * better.
 *
 * <p>Formula: mean absolute change of a value from frame to frame, 0..255. Range 0 to 255, neither
 * direction is better. Models: none. Source: Video-DPO's notebook; the same code judges adapters.
 */
public final class FrameDifference implements Metric<FrameFigures> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "frame_difference",
                    "frame difference",
                    "mean absolute change of a value from frame to frame, 0..255",
                    0,
                    255,
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
        return seen.measure(this, ClipMetrics.FRAME_DIFFERENCE);
    }
}
