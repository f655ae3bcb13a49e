package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.Map;

/**
 * What the frames of a video alone say.
 *
 * @param figures by the names of {@link dev.reelrank.alignment.compare.ClipMetrics}; empty if they
 *     could not be computed
 * @param reason why; empty if they could
 */
public record FrameFigures(Map<String, Double> figures, String reason) {
    public FrameFigures {
        figures = Map.copyOf(figures);
    }

    Measurement measure(Metric<?> metric, String name) {
        Double value = figures.get(name);
        return value == null ? metric.not(reason) : metric.value(value);
    }
}
