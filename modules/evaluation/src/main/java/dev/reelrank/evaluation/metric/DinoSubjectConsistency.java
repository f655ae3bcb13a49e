package dev.reelrank.evaluation.metric;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the subject stays the same from frame to frame.
 *
 * <p>Formula: mean over frames i of (relu cos(i, i-1) + relu cos(i, 0)) / 2, 8 frames. Range 0 to
 * 1, higher is better. Models: dinov3. Source: VBench subject_consistency, with DINOv3 instead of
 * DINO; the formula is that of grading.
 */
public final class DinoSubjectConsistency implements Metric<Views.Dino> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "subject_consistency_dinov3",
                    "subject consistency (VBench)",
                    "mean over frames i of (relu cos(i, i-1) + relu cos(i, 0)) / 2, 8 frames",
                    0,
                    1,
                    Direction.HIGHER,
                    List.of("dinov3"),
                    "VBench subject_consistency, with DINOv3 instead of DINO; the formula is that"
                            + " of grading",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Dino seen) {
        return seen.views().frames().size() < 2
                ? not("the video has one frame")
                : value(BenchmarkFormulas.consistency(seen.views().chosen()));
    }
}
