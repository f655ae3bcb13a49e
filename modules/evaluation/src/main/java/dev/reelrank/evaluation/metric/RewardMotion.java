package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Motion quality: whether things move as people prefer.
 *
 * <p>Formula: (MQ - mean) / deviation, with the checkpoint's own mean and deviation; frames at two
 * a second. Range −∞ to ∞, 0 is an average video of the training, higher is better. Models:
 * videoreward. Source: VideoAlign (arXiv 2501.13918), Qwen2-VL-2B with a reward head. Videos of
 * other sizes are not comparable: the model prefers some of them.
 */
public final class RewardMotion implements Metric<Rewards> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "videoreward_motion",
                    "motion quality (VideoReward)",
                    "(MQ - mean) / deviation of the checkpoint, frames at two a second",
                    Double.NEGATIVE_INFINITY,
                    Double.POSITIVE_INFINITY,
                    Direction.HIGHER,
                    List.of("videoreward"),
                    "VideoAlign (arXiv 2501.13918)",
                    1);

    @Override
    public MetricInfo info() {
        return INFO;
    }

    @Override
    public Measurement measure(Rewards seen) {
        return seen.reason().isEmpty() ? value(seen.motion()) : not(seen.reason());
    }
}
