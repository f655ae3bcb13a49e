package dev.reelrank.evaluation.look;

import dev.reelrank.evaluation.metric.Metric;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What is asked of a look.
 *
 * @param metrics names; of those that the look does not compute nothing follows
 * @param frames that embeddings are made of at most
 * @param maskFrames that the subject is looked for in at most
 */
public record Wanted(Set<String> metrics, int frames, int maskFrames) {
    public Wanted {
        metrics = Set.copyOf(metrics);
    }

    boolean any(List<? extends Metric<?>> of) {
        return of.stream().anyMatch(this::wants);
    }

    boolean wants(Metric<?> metric) {
        return metrics.contains(metric.info().name());
    }

    /** The wanted metrics of what was seen. */
    <S> Map<String, Measurement> measure(List<? extends Metric<S>> all, S seen) {
        var measured = new LinkedHashMap<String, Measurement>();
        all.stream()
                .filter(this::wants)
                .forEach(metric -> measured.put(metric.info().name(), metric.measure(seen)));
        return measured;
    }

    /** None of them, for one reason. */
    Map<String, Measurement> none(List<? extends Metric<?>> all, String reason) {
        var measured = new LinkedHashMap<String, Measurement>();
        all.stream()
                .filter(this::wants)
                .forEach(metric -> measured.put(metric.info().name(), metric.not(reason)));
        return measured;
    }
}
