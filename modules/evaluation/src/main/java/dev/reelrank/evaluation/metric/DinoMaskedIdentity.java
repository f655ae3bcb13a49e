package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Identity of the subject alone: SAM3 finds it, the background does not count.
 *
 * <p>Formula: mean over frames of cos(DINOv3(square around the subject in the frame), DINOv3(the
 * same in the reference)). Range -1 to 1, higher is better. Models: dinov3, sam3. Source:
 * IdentityFlow's figures of identity, with DINOv3 ViT-B/16.
 */
public final class DinoMaskedIdentity implements Metric<Views.Dino> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "identity_dinov3_masked",
                    "identity of the subject (DINOv3, SAM3)",
                    "mean over frames of cos(DINOv3(square around the subject in the frame),"
                            + " DINOv3(the same in the reference))",
                    -1,
                    1,
                    Direction.HIGHER,
                    List.of("dinov3", "sam3"),
                    "IdentityFlow's figures of identity, with DINOv3 ViT-B/16",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Views.Dino seen) {
        Views subject = seen.subject();
        return subject == null
                ? not(java.util.Objects.requireNonNullElse(seen.whyNot(), "not looked at"))
                : value(subject.mean());
    }
}
