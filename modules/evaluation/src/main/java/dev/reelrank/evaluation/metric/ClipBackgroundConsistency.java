package dev.reelrank.evaluation.metric;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the picture as a whole stays the same.
 *
 * <p>Formula: mean over frames i of (relu cos(i, i-1) + relu cos(i, 0)) / 2, 8 frames. Range 0 to
 * 1, higher is better. Models: clip. Source: VBench background_consistency, with CLIP ViT-B/32; the
 * formula is that of grading.
 */
public final class ClipBackgroundConsistency implements Metric<Views.Clip> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "background_consistency_clip",
                    "background consistency (VBench)",
                    "mean over frames i of (relu cos(i, i-1) + relu cos(i, 0)) / 2, 8 frames",
                    0,
                    1,
                    Direction.HIGHER,
                    List.of("clip"),
                    "VBench background_consistency, with CLIP ViT-B/32; the formula is that of"
                            + " grading",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Clip seen) {
        return seen.views().frames().size() < 2
                ? not("the video has one frame")
                : value(BenchmarkFormulas.consistency(seen.views().chosen()));
    }
}
