package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.List;

/**
 * Text alignment: whether the video shows what the original prompt says.
 *
 * <p>Formula: (TA - mean) / deviation, with the checkpoint's own mean and deviation; frames at two
 * a second. Range −∞ to ∞, 0 is an average video of the training, higher is better. Models:
 * videoreward. Source: VideoAlign (arXiv 2501.13918), Qwen2-VL-2B with a reward head. Videos of
 * other sizes are not comparable: the model prefers some of them.
 */
public final class RewardText implements Metric<Rewards> {
    private static final MetricInfo INFO =
            new MetricInfo(
                    "videoreward_text",
                    "text alignment (VideoReward)",
                    "(TA - mean) / deviation of the checkpoint, frames at two a second",
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
        if (!seen.reason().isEmpty()) {
            return not(seen.reason());
        }
        return seen.prompted() ? value(seen.text()) : not("there is no prompt");
    }
}
