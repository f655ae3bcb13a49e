package dev.reelrank.evaluation.metric;

import dev.reelrank.grading.benchmark.BenchmarkFormulas;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Whether the frames show what the original prompt says.
 *
 * <p>Formula: cos(mean of normalised CLIP(frame), CLIP(original prompt)), 8 frames. Range -1 to 1,
 * higher is better. Models: clip. Source: VBench overall_consistency, with CLIP instead of ViCLIP.
 */
public final class ClipTextConsistency implements Metric<Views.Clip> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "text_consistency_clip",
                    "text similarity (CLIP)",
                    "cos(mean of normalised CLIP(frame), CLIP(original prompt)), 8 frames",
                    -1,
                    1,
                    Direction.HIGHER,
                    List.of("clip"),
                    "VBench overall_consistency, with CLIP instead of ViCLIP",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Clip seen) {
        float[] text = seen.text();
        return text == null
                ? not("there is no prompt")
                : value(BenchmarkFormulas.cosine(mean(seen.views().chosen()), text));
    }

    private static float[] mean(List<float[]> vectors) {
        float[] sum = new float[vectors.get(0).length];
        for (float[] v : vectors) {
            double norm = 0;
            for (float x : v) {
                norm += (double) x * x;
            }
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (float) (v[i] / Math.max(1e-12, Math.sqrt(norm)));
            }
        }
        return sum;
    }
}
