package dev.reelrank.console.arena;

import dev.reelrank.console.arena.Contest.Pair;
import dev.reelrank.pipeline.event.VoteCast;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses the pair that says most: one that few people have compared, and of those one that the
 * reranker finds hard to tell apart. Never the same sample twice in a row if there is another. Now
 * and then a pair is shown again, which measures how constant a person's answers are.
 */
final class Draw {
    /** Share of ballots that repeat an earlier one, once a person has answered ten. */
    static final double REPEATS = 0.08;

    private static final int BEFORE_REPEATS = 10;

    /** So many of the best pairs are drawn from at random: a fixed order would tire and bias. */
    private static final int AMONG = 5;

    private Draw() {}

    /**
     * The pair to show next.
     *
     * @param votes that stand, oldest first
     * @return empty if the person has compared everything
     */
    static Optional<Pair> next(
            List<Pair> pairs, List<VoteCast> votes, String rater, RandomGenerator random) {
        Map<String, Integer> counts = new HashMap<>();
        Set<String> mine = new HashSet<>();
        String last = "";
        for (VoteCast vote : votes) {
            String key = Pair.key(vote);
            counts.merge(key, 1, Integer::sum);
            if (vote.rater().equals(rater)) {
                mine.add(key);
                last = vote.sampleId();
            }
        }
        List<Pair> known = pairs.stream().filter(p -> mine.contains(p.key())).toList();
        if (mine.size() >= BEFORE_REPEATS && !known.isEmpty() && random.nextDouble() < REPEATS) {
            return Optional.of(known.get(random.nextInt(known.size())));
        }
        var open = new ArrayList<>(pairs.stream().filter(p -> !mine.contains(p.key())).toList());
        open.sort(
                Comparator.comparingInt((Pair p) -> counts.getOrDefault(p.key(), 0))
                        .thenComparingDouble(Pair::gap)
                        .thenComparing(p -> p.key()));
        String before = last;
        List<Pair> others = open.stream().filter(p -> !p.sampleId().equals(before)).toList();
        List<Pair> from = others.isEmpty() ? open : others;
        return from.isEmpty()
                ? Optional.empty()
                : Optional.of(from.get(random.nextInt(Math.min(AMONG, from.size()))));
    }
}
