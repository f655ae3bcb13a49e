package dev.reelrank.evaluation.metric;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the video begins with the reference and stays with it.
 *
 * <p>Formula: 0.4 max cos with the reference + 0.3 mean + 0.3 least cos of neighbours, 8 frames.
 * Range -1 to 1, higher is better. Models: dinov3. Source: VBench vbench2_beta_i2v, i2v_subject,
 * with DINOv3; the formula is that of grading.
 */
public final class DinoLikeness implements Metric<Views.Dino> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "i2v_subject_dinov3",
                    "likeness to the image (VBench-I2V)",
                    "0.4 max cos with the reference + 0.3 mean + 0.3 least cos of neighbours, 8"
                            + " frames",
                    -1,
                    1,
                    Direction.HIGHER,
                    List.of("dinov3"),
                    "VBench vbench2_beta_i2v, i2v_subject, with DINOv3; the formula is that of"
                            + " grading",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Dino seen) {
        return seen.views().frames().size() < 2
                ? not("the video has one frame")
                : value(
                        BenchmarkFormulas.likeness(
                                seen.views().reference(), seen.views().chosen()));
    }
}
