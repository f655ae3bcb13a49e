package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * The frame that DINOv3 finds least like the reference.
 *
 * <p>Formula: least over all frames of cos(DINOv3(frame), DINOv3(reference)), class token. Range -1
 * to 1, higher is better. Models: dinov3. Source: IdentityFlow's figures of identity, with DINOv3
 * ViT-B/16.
 */
public final class DinoLeastIdentity implements Metric<Views.Dino> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "identity_dinov3_min",
                    "identity (DINOv3), worst frame",
                    "least over all frames of cos(DINOv3(frame), DINOv3(reference)), class token",
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
        return value(seen.views().least());
    }
}
