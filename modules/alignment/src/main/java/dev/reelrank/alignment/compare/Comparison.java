package dev.reelrank.alignment.compare;

import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.Interval;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.ToDoubleFunction;

/**
 * Base against adapter on held-out samples.
 *
 * @param samples how many
 * @param clips how many per side
 * @param changes by metric
 */
public record Comparison(int samples, int clips, Map<String, MetricChange> changes) {
    public Comparison {
        changes = Collections.unmodifiableMap(new LinkedHashMap<>(changes));
    }

    /**
     * Compares clip by clip.
     *
     * @param clips at least one; a figure that is not finite is left out with its counterpart, and
     *     a metric without any is left out
     */
    public static Comparison of(List<ComparedClip> clips, Bootstrap bootstrap) {
        if (clips.isEmpty()) {
            throw new IllegalArgumentException("nothing to compare: no clips");
        }
        var metrics = new LinkedHashSet<String>();
        clips.forEach(clip -> metrics.addAll(clip.base().keySet()));
        var changes = new LinkedHashMap<String, MetricChange>();
        for (String metric : metrics) {
            var measured = clips.stream().filter(clip -> measured(clip, metric)).toList();
            if (!measured.isEmpty()) {
                changes.put(
                        metric,
                        new MetricChange(
                                mean(measured, bootstrap, c -> c.base().get(metric)),
                                mean(measured, bootstrap, c -> c.adapter().get(metric)),
                                mean(
                                        measured,
                                        bootstrap,
                                        c ->
                                                Objects.requireNonNull(c.adapter().get(metric))
                                                        - Objects.requireNonNull(
                                                                c.base().get(metric))),
                                measured.size(),
                                samples(measured)));
            }
        }
        return new Comparison(samples(clips), clips.size(), changes);
    }

    private static int samples(List<ComparedClip> clips) {
        return (int) clips.stream().map(ComparedClip::sample).distinct().count();
    }

    private static boolean measured(ComparedClip clip, String metric) {
        Double base = clip.base().get(metric);
        Double adapter = clip.adapter().get(metric);
        return base != null && adapter != null && Double.isFinite(base) && Double.isFinite(adapter);
    }

    private static Interval mean(
            List<ComparedClip> clips, Bootstrap bootstrap, ToDoubleFunction<ComparedClip> figure) {
        var bySample = new LinkedHashMap<String, List<Double>>();
        for (var clip : clips) {
            bySample.computeIfAbsent(clip.sample(), s -> new ArrayList<>())
                    .add(figure.applyAsDouble(clip));
        }
        return bootstrap.mean(
                bySample.values().stream()
                        .map(v -> v.stream().mapToDouble(Double::doubleValue).toArray())
                        .toList());
    }
}
