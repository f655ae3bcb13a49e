package dev.reelrank.bench;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The range of each raw measure: its upper end is what 95 % of clean clips reach (a score of 1 is
 * as good as rendered), its lower end what 95 % of corrupted ones exceed. A measure whose median is
 * higher on corrupted clips is better when small, and its range is turned round.
 *
 * @param ranges by dimension: min (score 0) and max (score 1)
 */
record RangeFit(Map<String, Range> ranges) {
    /** More of these is no better than enough: what 95 % of the clean clips exceed is score 1. */
    private static final Set<String> ENOUGH = Set.of("dynamic_degree_dis");

    /**
     * A lost detail is a small loss: the lower end of these is what half of the corrupted clips
     * exceed.
     */
    private static final Set<String> STRICT = Set.of("subject_identity_dinov3");

    record Range(double min, double max) {}

    static RangeFit of(List<GradeCase> cases) {
        var names = new TreeSet<String>();
        cases.forEach(c -> names.addAll(c.raw().keySet()));
        Map<String, Range> ranges = new TreeMap<>();
        for (String name : names) {
            double[] clean = values(cases, name, true);
            double[] corrupted = values(cases, name, false);
            boolean small = mean(corrupted) > mean(clean);
            if (ENOUGH.contains(name)) {
                ranges.put(name, new Range(0, quantile(clean, .05)));
                continue;
            }
            double worst = STRICT.contains(name) ? .5 : .05;
            ranges.put(
                    name,
                    small
                            ? new Range(quantile(corrupted, .95), quantile(clean, .05))
                            : new Range(quantile(corrupted, worst), quantile(clean, .95)));
        }
        return new RangeFit(ranges);
    }

    private static double[] values(List<GradeCase> cases, String name, boolean clean) {
        return cases.stream()
                .filter(c -> (c.corruption() == null) == clean && c.raw().containsKey(name))
                .mapToDouble(c -> c.raw().get(name))
                .sorted()
                .toArray();
    }

    private static double mean(double[] values) {
        double sum = 0;
        for (double v : values) {
            sum += v;
        }
        return sum / values.length;
    }

    private static double quantile(double[] sorted, double share) {
        return sorted[(int) Math.round(share * (sorted.length - 1))];
    }

    String yaml() {
        var text = new StringBuilder();
        ranges.forEach(
                (name, r) ->
                        text.append(
                                String.format(
                                        Locale.ROOT,
                                        "%s: {min: %.6f, max: %.6f}%n",
                                        name,
                                        r.min(),
                                        r.max())));
        return text.toString();
    }
}
