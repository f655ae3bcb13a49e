package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.Direction;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.statistics.AverageRanks;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;

/**
 * What the figures of a study say.
 *
 * @param data the figures
 * @param changes every other configuration against the baseline, metric by metric
 * @param steps in an incremental study every configuration against the one before it; else empty
 * @param ranks by metric: mean ranks of the configurations over the samples that all have
 * @param composite by configuration: mean of the z-scores of its means, over the metrics that all
 *     were measured by; empty for a single configuration
 * @param notes what a reader must know: samples or metrics that could not be compared
 */
public record StudyResult(
        StudyData data,
        List<CellChange> changes,
        List<CellChange> steps,
        Map<String, AverageRanks> ranks,
        Map<String, Double> composite,
        List<String> notes) {
    /** Computes everything. */
    public static StudyResult of(StudyData data) {
        Cell baseline = data.cell(data.baseline());
        var pairs = new ArrayList<Comparisons.Pair>();
        var steps = new ArrayList<Comparisons.Pair>();
        for (int i = 0; i < data.cells().size(); i++) {
            Cell cell = data.cells().get(i);
            if (!cell.name().equals(baseline.name())) {
                pairs.add(new Comparisons.Pair(cell, baseline));
            }
            if (i > 0 && data.incremental()) {
                steps.add(new Comparisons.Pair(cell, data.cells().get(i - 1)));
            }
        }
        return new StudyResult(
                data,
                Comparisons.of(pairs, data.metrics(), Bootstrap.DEFAULT),
                Comparisons.of(steps, data.metrics(), Bootstrap.DEFAULT),
                ranks(data),
                composite(data),
                Notes.of(data, pairs));
    }

    /** Every comparison of a study with an earlier one, cell by cell of the same name. */
    public static List<CellChange> against(StudyData now, StudyData before) {
        var pairs = new ArrayList<Comparisons.Pair>();
        for (Cell cell : now.cells()) {
            before.cells().stream()
                    .filter(c -> c.name().equals(cell.name()))
                    .findFirst()
                    .ifPresent(c -> pairs.add(new Comparisons.Pair(cell, c)));
        }
        return Comparisons.of(pairs, now.metrics(), Bootstrap.DEFAULT);
    }

    /** Those of the changes that are for the worse. */
    public static List<CellChange> worse(List<CellChange> changes) {
        return changes.stream().filter(c -> c.verdict().kind() == Verdict.Kind.WORSE).toList();
    }

    private static Map<String, AverageRanks> ranks(StudyData data) {
        var ranks = new LinkedHashMap<String, AverageRanks>();
        if (data.cells().size() < 2) {
            return ranks;
        }
        var common = new TreeSet<String>();
        data.cells().get(0).samples().forEach(s -> common.add(s.id()));
        data.cells()
                .forEach(c -> common.retainAll(c.samples().stream().map(StudySample::id).toList()));
        for (String metric : data.metrics()) {
            boolean higher = Metrics.of(metric).direction() == Direction.HIGHER;
            var rows = new ArrayList<double[]>();
            for (String id : common) {
                double[] row =
                        data.cells().stream()
                                .mapToDouble(c -> value(c, id, metric, higher))
                                .toArray();
                boolean all = java.util.Arrays.stream(row).noneMatch(Double::isNaN);
                boolean some = java.util.Arrays.stream(row).anyMatch(Double::isFinite);
                if (all && some) {
                    rows.add(row);
                }
            }
            if (!rows.isEmpty() && Metrics.of(metric).direction().judged()) {
                ranks.put(metric, AverageRanks.of(rows, higher));
            }
        }
        return ranks;
    }

    /** A failed sample has the last rank; one that was not measured has none. */
    private static double value(Cell cell, String id, String metric, boolean higher) {
        StudySample sample = Objects.requireNonNull(cell.sample(id));
        if (sample.hasFailed()) {
            return higher ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        Double value = sample.value(metric);
        return value == null ? Double.NaN : value;
    }

    private static Map<String, Double> composite(StudyData data) {
        var composite = new LinkedHashMap<String, Double>();
        if (data.cells().size() < 2) {
            return composite;
        }
        var sums = new double[data.cells().size()];
        int metrics = 0;
        for (String metric : data.metrics()) {
            double[] means =
                    data.cells().stream()
                            .mapToDouble(c -> c.mean(metric).orElse(Double.NaN))
                            .toArray();
            double[] scores = standardised(means);
            Direction direction = Metrics.of(metric).direction();
            if (scores.length == 0 || !direction.judged()) {
                continue;
            }
            metrics++;
            for (int i = 0; i < sums.length; i++) {
                sums[i] += direction == Direction.HIGHER ? scores[i] : -scores[i];
            }
        }
        for (int i = 0; i < sums.length; i++) {
            composite.put(data.cells().get(i).name(), metrics == 0 ? 0 : sums[i] / metrics);
        }
        return composite;
    }

    /**
     * Z-scores.
     *
     * @return empty where a value is missing or all are equal
     */
    static double[] standardised(double[] values) {
        double mean = java.util.Arrays.stream(values).average().orElse(Double.NaN);
        double variance =
                java.util.Arrays.stream(values)
                        .map(v -> (v - mean) * (v - mean))
                        .average()
                        .orElse(Double.NaN);
        // Sums of equal values differ in their last digits.
        if (!(variance > 1e-20)) {
            return new double[0];
        }
        double spread = Math.sqrt(variance);
        return java.util.Arrays.stream(values).map(v -> (v - mean) / spread).toArray();
    }

    /** The configurations from the best composite to the worst. */
    public List<String> ranking() {
        var names = new ArrayList<>(composite.keySet());
        names.sort(java.util.Comparator.comparing((String n) -> -composite(n)));
        return names;
    }

    private double composite(String name) {
        return Objects.requireNonNull(composite.get(name), name);
    }

    /** The best configuration by the composite; the only one if there is one. */
    public String best() {
        return composite.isEmpty() ? data.cells().get(0).name() : ranking().get(0);
    }

    /**
     * The configurations that none beats in both: not slower and with a better mean, in order of
     * their seconds.
     */
    public List<String> pareto(String metric) {
        boolean higher = Metrics.of(metric).direction() == Direction.HIGHER;
        var sorted = new ArrayList<>(data.cells());
        sorted.removeIf(c -> c.mean(metric).isEmpty());
        sorted.sort(
                java.util.Comparator.comparingDouble(Cell::secondsEach)
                        .thenComparing(c -> (higher ? -1 : 1) * c.mean(metric).getAsDouble()));
        var front = new ArrayList<String>();
        double best = higher ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        for (Cell cell : sorted) {
            double mean = cell.mean(metric).getAsDouble();
            if (higher ? mean > best : mean < best) {
                front.add(cell.name());
                best = mean;
            }
        }
        return front;
    }
}
