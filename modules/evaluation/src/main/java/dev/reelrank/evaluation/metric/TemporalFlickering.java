package dev.reelrank.evaluation.metric;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * How steady the picture is.
 *
 * <p>Formula: (255 - frame difference) / 255. Range 0 to 1, higher is better. Models: none. Source:
 * VBench temporal_flickering, over all frames; the formula is that of grading.
 */
public final class TemporalFlickering implements Metric<FrameFigures> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "temporal_flickering",
                    "steadiness (VBench)",
                    "(255 - frame difference) / 255",
                    0,
                    1,
                    Direction.HIGHER,
                    List.of(),
                    "VBench temporal_flickering, over all frames; the formula is that of grading",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(FrameFigures seen) {
        Double difference = seen.figures().get(ClipMetrics.FRAME_DIFFERENCE);
        return difference == null
                ? not(seen.reason())
                : value(BenchmarkFormulas.steadiness(difference));
    }
}
