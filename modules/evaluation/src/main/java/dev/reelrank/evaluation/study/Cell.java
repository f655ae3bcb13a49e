package dev.reelrank.evaluation.study;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/**
 * One configuration and what came out.
 *
 * @param name of the configuration
 * @param settings what is particular about it, for people; may be empty
 * @param run where its videos are
 * @param samples in order of their ids
 */
public record Cell(String name, String settings, String run, List<StudySample> samples) {
    static final String NOT_ASKED = "not asked for";

    public Cell {
        var sorted = new ArrayList<>(samples);
        sorted.sort(java.util.Comparator.comparing(StudySample::id));
        samples = List.copyOf(sorted);
    }

    /** The values of a metric, where it was measured. */
    public double[] values(String metric) {
        return samples.stream()
                .map(s -> s.value(metric))
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .toArray();
    }

    /** Mean over the samples where it was measured; empty if nowhere. */
    public OptionalDouble mean(String metric) {
        return Arrays.stream(values(metric)).average();
    }

    /** In how many samples it was measured. */
    public int measured(String metric) {
        return values(metric).length;
    }

    /** How many samples have no figures. */
    public int failures() {
        return (int) samples.stream().filter(StudySample::hasFailed).count();
    }

    /** Mean seconds of work per sample, of those where it is known; not a number without any. */
    public double secondsEach() {
        return samples.stream()
                .filter(s -> !s.hasFailed())
                .mapToDouble(StudySample::seconds)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** Mean GPU seconds per sample, of those where it is known; not a number without any. */
    public double gpuSecondsEach() {
        return samples.stream()
                .filter(s -> !s.hasFailed())
                .mapToDouble(StudySample::gpuSeconds)
                .filter(Double::isFinite)
                .average()
                .orElse(Double.NaN);
    }

    /** The sample of an id; null if there is none. */
    public @Nullable StudySample sample(String id) {
        return samples.stream().filter(s -> s.id().equals(id)).findFirst().orElse(null);
    }

    /** Why a metric was not measured, where it was not; null if it was everywhere. */
    public @Nullable String whyNot(String metric) {
        return samples.stream()
                .filter(s -> !s.hasFailed())
                .map(s -> s.figures().get(metric))
                .map(m -> m == null ? NOT_ASKED : m.reason())
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }
}
