package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Identity: how alike the frames and the reference are to CLIP ViT-B/32.
 *
 * <p>Formula: mean over all frames of cos(CLIP(frame), CLIP(reference)). Range -1 to 1, higher is
 * better. Models: clip. Source: mean of CLIP similarity as in ConsID-Gen (arXiv 2602.10113), as far
 * as it is published; frames and reference side are our choice (docs/evaluation.md).
 */
public final class ClipIdentity implements Metric<Views.Clip> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "identity_clip",
                    "identity (CLIP)",
                    "mean over all frames of cos(CLIP(frame), CLIP(reference))",
                    -1,
                    1,
                    Direction.HIGHER,
                    List.of("clip"),
                    "mean of CLIP similarity as in ConsID-Gen (arXiv 2602.10113), as far as it is"
                            + " published; frames and reference side are our choice"
                            + " (docs/evaluation.md)",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Clip seen) {
        return value(seen.views().mean());
    }
}
