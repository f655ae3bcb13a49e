package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.Direction;
import dev.reelrank.evaluation.metric.MetricInfo;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.Holm;
import dev.reelrank.statistics.PairedDifference;
import dev.reelrank.statistics.Verdict;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Compares configurations pair by pair of samples. */
final class Comparisons {
    /** Two configurations to compare. */
    record Pair(Cell cell, Cell against) {}

    private record Raw(Pair pair, MetricInfo metric, int samples, PairedValues values) {}

    /** Values of the samples that have both, and who won how many of all. */
    private record PairedValues(double[] cell, double[] against, double winRate) {}

    private Comparisons() {}

    /**
     * Compares.
     *
     * @param pairs of configurations, in order
     * @param metrics that are judged
     */
    static List<CellChange> of(List<Pair> pairs, List<String> metrics, Bootstrap bootstrap) {
        var raw = new ArrayList<Raw>();
        for (Pair pair : pairs) {
            for (String name : metrics) {
                MetricInfo metric = Metrics.of(name);
                if (metric.direction().judged()) {
                    List<String> common = common(pair);
                    raw.add(new Raw(pair, metric, common.size(), values(pair, metric, common)));
                }
            }
        }
        Map<Raw, PairedDifference> differences = new LinkedHashMap<>();
        for (Raw one : raw) {
            if (one.values().cell().length > 0) {
                differences.put(
                        one,
                        PairedDifference.of(
                                one.values().against(), one.values().cell(), bootstrap));
            }
        }
        double[] p =
                Holm.adjusted(
                        differences.values().stream().mapToDouble(PairedDifference::p).toArray());
        var changes = new ArrayList<CellChange>();
        int at = 0;
        for (Raw one : raw) {
            PairedDifference difference = differences.get(one);
            double corrected = difference == null ? 1 : p[at++];
            changes.add(change(one, difference, corrected, differences.size()));
        }
        return changes;
    }

    private static CellChange change(
            Raw one, @Nullable PairedDifference difference, double corrected, int comparisons) {
        return new CellChange(
                one.pair().cell().name(),
                one.pair().against().name(),
                one.metric().name(),
                one.samples(),
                difference,
                corrected,
                one.values().winRate(),
                difference == null
                        ? Verdict.unknown()
                        : Verdict.of(
                                difference,
                                corrected,
                                comparisons,
                                one.metric().direction() == Direction.HIGHER));
    }

    /** The ids that both configurations have. */
    static List<String> common(Pair pair) {
        var ids = new TreeSet<String>();
        pair.cell().samples().forEach(s -> ids.add(s.id()));
        ids.retainAll(pair.against().samples().stream().map(StudySample::id).toList());
        return List.copyOf(ids);
    }

    private static PairedValues values(Pair pair, MetricInfo metric, List<String> common) {
        var cell = new ArrayList<Double>();
        var against = new ArrayList<Double>();
        double wins = 0;
        int decided = 0;
        for (String id : common) {
            StudySample one = java.util.Objects.requireNonNull(pair.cell().sample(id));
            StudySample other = java.util.Objects.requireNonNull(pair.against().sample(id));
            if (one.hasFailed() || other.hasFailed()) {
                decided++;
                wins += one.hasFailed() ? (other.hasFailed() ? 0.5 : 0) : 1;
                continue;
            }
            Double mine = one.value(metric.name());
            Double theirs = other.value(metric.name());
            if (mine == null || theirs == null || !comparable(one, other, metric)) {
                continue;
            }
            cell.add(mine);
            against.add(theirs);
            decided++;
            double gain = metric.direction() == Direction.HIGHER ? mine - theirs : theirs - mine;
            wins += gain > 0 ? 1 : gain == 0 ? 0.5 : 0;
        }
        return new PairedValues(
                array(cell), array(against), decided == 0 ? Double.NaN : wins / decided);
    }

    /** Figures of other versions of a metric, and pixels of other sizes, are other quantities. */
    static boolean comparable(StudySample one, StudySample other, MetricInfo metric) {
        boolean sameVersion = one.version(metric.name()) == other.version(metric.name());
        boolean sameSize = one.width() == other.width() && one.height() == other.height();
        return sameVersion && (sameSize || !Metrics.boundToSize(metric.name()));
    }

    private static double[] array(List<Double> values) {
        return values.stream().mapToDouble(Double::doubleValue).toArray();
    }
}
