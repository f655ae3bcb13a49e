package dev.reelrank.grading.gate;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * Decides about videos. Every measure has its own limits and one that is passed is enough: what is
 * good about a video does not make up for a defect.
 *
 * @param limits by measure
 */
public record Gate(Map<String, Limit> limits) {
    public Gate {
        limits = Collections.unmodifiableMap(new TreeMap<>(limits));
    }

    /** Judges a video. */
    public Verdict judge(Signals signals) {
        var defects = new ArrayList<>(signals.defects());
        limits.forEach(
                (measure, limit) -> {
                    Double value = signals.measures().get(measure);
                    if (value != null) {
                        Decision decision = limit.judge(value);
                        if (decision != Decision.KEEP) {
                            defects.add(defect(measure, value, limit, decision));
                        }
                    }
                });
        defects.sort(
                Comparator.comparing(Defect::decision)
                        .reversed()
                        .thenComparing(d -> d.value() != null)
                        .thenComparing(d -> -excess(d)));
        return new Verdict(
                defects.stream().map(Defect::decision).reduce(Decision.KEEP, Decision::or),
                defects);
    }

    private static Defect defect(String measure, double value, Limit limit, Decision decision) {
        double bound = limit.of(decision);
        return new Defect(
                measure,
                value,
                bound,
                decision,
                "%s is %s; %s is %s"
                        .formatted(
                                measure,
                                number(value),
                                limit.better().equals(Limit.HIGHER)
                                        ? "the least allowed"
                                        : "the most allowed",
                                number(bound)));
    }

    /** How far a limit is passed, in parts of it: what is passed furthest comes first. */
    private static double excess(Defect d) {
        Double value = d.value();
        Double limit = d.limit();
        return value == null || limit == null
                ? 0
                : Math.abs(value - limit) / Math.max(1e-9, Math.abs(limit));
    }

    private static String number(double v) {
        return Math.abs(v) < 0.01 && v != 0
                ? String.format(Locale.ROOT, "%.2g", v)
                : String.format(Locale.ROOT, "%.2f", v);
    }

    /** The measures that have a limit. */
    public List<String> measures() {
        return List.copyOf(limits.keySet());
    }
}
