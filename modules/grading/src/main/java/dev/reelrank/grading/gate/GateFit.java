package dev.reelrank.grading.gate;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Finds the limits of measures on clips whose defects are known.
 *
 * <p>Few limits are better than many: each costs some clean clips that it takes for defective. So
 * the measure that finds the most defective clips which no limit has found yet, for the fewest
 * clean ones, is added one after another, until every kind of defect is found or the clean clips
 * allowed are used up. Then each limit moves away from the clean clips as far as nothing is lost by
 * it.
 */
public final class GateFit {
    /** Places that a limit may take: so many of the clean clips are worse than it. */
    private static final double[] SHARES = {0, 0.0025, 0.005, 0.01, 0.015, 0.02, 0.03};

    /** How far a limit may move away from the clean clips, in parts of the way to the defective. */
    private static final double[] MARGINS = {0.5, 0.3, 0.2, 0.1, 0.05, 0.02};

    /** A limit that finds fewer of a kind's clips than this is not worth its clean ones. */
    private static final double LEAST_GAIN = 0.004;

    private GateFit() {}

    /**
     * A clip.
     *
     * @param kind of its defect, null for a clean one
     */
    public record Case(@Nullable String kind, Map<String, Double> measures) {
        public Case {
            measures = Map.copyOf(measures);
        }
    }

    /**
     * How much may be given away.
     *
     * @param found share of each kind that is to be found, 0..1
     * @param review share of the clean clips that may be passed to a person, 0..1
     * @param reject share of the clean clips that may be rejected, 0..1
     */
    public record Goal(double found, double review, double reject) {}

    /**
     * Fits a gate.
     *
     * @param lower measures of which less is better; of all others more is
     * @param answers measures that are the probability of a good answer: only a bad answer, below
     *     0.5, is a clear defect
     */
    public static Gate fit(
            Collection<Case> cases, Set<String> lower, Predicate<String> answers, Goal goal) {
        Map<String, Double> review =
                chosen(cases, lower, name -> false, goal.found(), goal.review());
        Map<String, Double> reject = chosen(cases, lower, answers, goal.found(), goal.reject());
        var limits = new TreeMap<String, Limit>();
        var names = new TreeSet<>(review.keySet());
        names.addAll(reject.keySet());
        for (String name : names) {
            boolean less = lower.contains(name);
            Double far = reject.get(name);
            Double near = review.get(name);
            if (near != null && far != null && (less ? near > far : near < far)) {
                // What is rejected is also worth a look.
                near = null;
            }
            limits.put(name, new Limit(less ? Limit.LOWER : Limit.HIGHER, near, far));
        }
        return new Gate(limits);
    }

    /** One limit a measure, for at most this share of the clean clips together. */
    private static Map<String, Double> chosen(
            Collection<Case> cases,
            Set<String> lower,
            Predicate<String> answers,
            double wanted,
            double allowed) {
        var clean = cases.stream().filter(c -> c.kind() == null).toList();
        var kinds = new LinkedHashMap<String, List<Case>>();
        cases.stream()
                .filter(c -> c.kind() != null)
                .forEach(
                        c ->
                                kinds.computeIfAbsent(
                                                Objects.requireNonNull(c.kind()),
                                                k -> new ArrayList<>())
                                        .add(c));
        var candidates = candidates(cases, clean, lower, answers);
        var chosen = new LinkedHashMap<String, Double>();
        Set<Case> hit = new LinkedHashSet<>();
        Set<Case> lost = new LinkedHashSet<>();
        while (true) {
            Bound best = null;
            double bestWorth = 0;
            for (Bound b : candidates) {
                long more = clean.stream().filter(c -> !lost.contains(c) && b.passedBy(c)).count();
                if (lost.size() + more > allowed * clean.size() + 1e-9) {
                    continue;
                }
                double gain = gain(kinds, hit, wanted, b);
                double worth = gain / (0.002 + (double) more / clean.size());
                if (gain > LEAST_GAIN && worth > bestWorth) {
                    best = b;
                    bestWorth = worth;
                }
            }
            if (best == null) {
                return relaxed(chosen, cases, kinds, lower, wanted);
            }
            Bound taken = best;
            chosen.merge(
                    taken.measure(),
                    taken.value(),
                    (a, b) -> taken.less() ? Math.min(a, b) : Math.max(a, b));
            cases.stream()
                    .filter(taken::passedBy)
                    .forEach(c -> (c.kind() == null ? lost : hit).add(c));
        }
    }

    /** What a limit adds, summed over the kinds that are not found often enough. */
    private static double gain(
            Map<String, List<Case>> kinds, Set<Case> hit, double wanted, Bound bound) {
        double gain = 0;
        for (var of : kinds.values()) {
            double before = (double) of.stream().filter(hit::contains).count() / of.size();
            if (before >= wanted) {
                continue;
            }
            double more =
                    (double) of.stream().filter(c -> !hit.contains(c) && bound.passedBy(c)).count()
                            / of.size();
            gain += Math.min(more, wanted - before);
        }
        return gain;
    }

    private record Bound(String measure, double value, boolean less) {
        boolean passedBy(Case c) {
            Double v = c.measures().get(measure);
            return v != null && (less ? v > value : v < value);
        }
    }

    private static List<Bound> candidates(
            Collection<Case> cases,
            List<Case> clean,
            Set<String> lower,
            Predicate<String> answers) {
        var names = new TreeSet<String>();
        cases.forEach(c -> names.addAll(c.measures().keySet()));
        var bounds = new LinkedHashSet<Bound>();
        for (String name : names) {
            boolean less = lower.contains(name);
            double sign = less ? -1 : 1;
            double[] good = sorted(clean, name, sign);
            double[] bad =
                    sorted(cases.stream().filter(c -> c.kind() != null).toList(), name, sign);
            if (good.length == 0 || bad.length == 0) {
                continue;
            }
            for (double share : SHARES) {
                int at = (int) Math.round(share * good.length);
                if (at < good.length) {
                    double value = sign * good[at];
                    bounds.add(
                            new Bound(
                                    name, answers.test(name) ? Math.min(value, 0.5) : value, less));
                }
            }
        }
        return List.copyOf(bounds);
    }

    /**
     * The same limits, each moved as far from the clean clips as no kind of defect is found less
     * often for it: new clips scatter more than the known ones.
     */
    private static Map<String, Double> relaxed(
            Map<String, Double> limits,
            Collection<Case> cases,
            Map<String, List<Case>> kinds,
            Set<String> lower,
            double wanted) {
        var relaxed = new LinkedHashMap<>(limits);
        for (String name : limits.keySet()) {
            double edge = Objects.requireNonNull(limits.get(name));
            double spread = Math.abs(edge - typical(cases, name, edge, lower.contains(name)));
            double before = found(kinds, relaxed, lower, wanted);
            for (double share : MARGINS) {
                double moved = lower.contains(name) ? edge + share * spread : edge - share * spread;
                relaxed.put(name, moved);
                if (found(kinds, relaxed, lower, wanted) >= before - 1e-9) {
                    break;
                }
                relaxed.put(name, edge);
            }
        }
        return relaxed;
    }

    /** The median of the defective clips that a limit finds. */
    private static double typical(Collection<Case> cases, String name, double limit, boolean less) {
        var bound = new Bound(name, limit, less);
        double[] found =
                sorted(
                        cases.stream().filter(c -> c.kind() != null && bound.passedBy(c)).toList(),
                        name,
                        1);
        return found.length == 0 ? limit : found[found.length / 2];
    }

    /** Sum over the kinds of the share that is found, as far as it is wanted. */
    private static double found(
            Map<String, List<Case>> kinds,
            Map<String, Double> limits,
            Set<String> lower,
            double wanted) {
        var bounds =
                limits.entrySet().stream()
                        .map(e -> new Bound(e.getKey(), e.getValue(), lower.contains(e.getKey())))
                        .toList();
        double sum = 0;
        for (var of : kinds.values()) {
            long found =
                    of.stream().filter(c -> bounds.stream().anyMatch(b -> b.passedBy(c))).count();
            sum += Math.min(wanted, (double) found / of.size());
        }
        return sum;
    }

    private static double[] sorted(List<Case> cases, String name, double sign) {
        return cases.stream()
                .map(c -> c.measures().get(name))
                .filter(Objects::nonNull)
                .mapToDouble(v -> sign * v)
                .sorted()
                .toArray();
    }
}
