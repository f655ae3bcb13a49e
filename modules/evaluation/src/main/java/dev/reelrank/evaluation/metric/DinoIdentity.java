package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Identity: how alike the frames and the reference are to DINOv3.
 *
 * <p>Formula: mean over all frames of cos(DINOv3(frame), DINOv3(reference)), class token. Range -1
 * to 1, higher is better. Models: dinov3. Source: IdentityFlow's figures of identity, with DINOv3
 * ViT-B/16.
 */
public final class DinoIdentity implements Metric<Views.Dino> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "identity_dinov3",
                    "identity (DINOv3)",
                    "mean over all frames of cos(DINOv3(frame), DINOv3(reference)), class token",
                    -1,
                    1,
                    Direction.HIGHER,
                    List.of("dinov3"),
                    "IdentityFlow's figures of identity, with DINOv3 ViT-B/16",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Dino seen) {
        return value(seen.views().mean());
    }
}
