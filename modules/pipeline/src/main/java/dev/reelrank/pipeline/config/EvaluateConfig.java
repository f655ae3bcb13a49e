package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.NotInKey;
import java.util.List;
import java.util.TreeSet;

/**
 * How a video is evaluated.
 *
 * @param metrics names, sorted; empty for all
 * @param frames that embeddings are made of, evenly spread, at most so many, 2..1024: by default
 *     all of any usual video
 * @param maskFrames that the subject is looked for in, evenly spread, 1..1024
 * @param memoryBudgetGib no model may need more, 0.1..1024
 */
public record EvaluateConfig(
        List<String> metrics, int frames, int maskFrames, @NotInKey double memoryBudgetGib)
        implements StageConfig {
    public EvaluateConfig {
        metrics = List.copyOf(new TreeSet<>(metrics));
        Check.range("evaluate.frames", frames, 2, 1024);
        Check.range("evaluate.maskFrames", maskFrames, 1, 1024);
        Check.range("evaluate.memoryBudgetGib", memoryBudgetGib, 0.1, 1024);
    }

    /** All metrics. */
    public static EvaluateConfig defaults() {
        return new EvaluateConfig(List.of(), 1024, 8, 24);
    }

    /** The same with other metrics. */
    public EvaluateConfig withMetrics(List<String> others) {
        return new EvaluateConfig(others, frames, maskFrames, memoryBudgetGib);
    }
}
