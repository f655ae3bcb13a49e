package dev.reelrank.console.arena;

import dev.reelrank.console.arena.BradleyTerry.Comparison;
import dev.reelrank.console.arena.BradleyTerry.Strength;
import dev.reelrank.console.arena.Contest.Pair;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Answer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What the votes of a contest say.
 *
 * @param votes all that stand, without skipped ones
 * @param skipped not counted anywhere else
 * @param bothBad counted as ties in the ranking
 * @param left clear answers for the left side
 * @param right clear answers for the right side
 * @param sidesP probability of at least such an imbalance if sides do not matter (exact binomial,
 *     two-sided), 0..1
 * @param standings the strongest first
 * @param agreements by name: how often two opinions were the same
 */
public record Tally(
        int votes,
        int skipped,
        int bothBad,
        int left,
        int right,
        double sidesP,
        List<Standing> standings,
        Map<String, Agreement> agreements) {
    /**
     * How one contender did.
     *
     * @param probability that it beats an average contender, 0..1
     * @param low of the 95 % interval
     */
    public record Standing(
            String contender,
            int wins,
            int losses,
            int ties,
            double probability,
            double low,
            double high) {}

    /**
     * How often two opinions were the same.
     *
     * @param same number of equal opinions
     * @param of compared opinions, at least 1
     */
    public record Agreement(int same, int of) {}

    /**
     * Counts votes.
     *
     * @param better of a vote's two videos the one that the reranker scores higher, empty where it
     *     does not tell
     */
    public static Tally of(
            Contest contest, List<VoteCast> all, Function<VoteCast, Optional<Answer>> better) {
        List<VoteCast> votes = all.stream().filter(v -> v.answer() != Answer.SKIPPED).toList();
        int left = count(votes, Answer.LEFT);
        int right = count(votes, Answer.RIGHT);
        var agreements = new LinkedHashMap<String, Agreement>();
        put(agreements, "votes and composite", composite(votes, better));
        put(agreements, "two people about one pair", people(votes));
        put(agreements, "one person about a repeated pair", repeats(votes));
        return new Tally(
                votes.size(),
                all.size() - votes.size(),
                count(votes, Answer.BOTH_BAD),
                left,
                right,
                binomial(left, left + right),
                standings(contest, votes),
                agreements);
    }

    private static int count(List<VoteCast> votes, Answer answer) {
        return (int) votes.stream().filter(v -> v.answer() == answer).count();
    }

    private static void put(Map<String, Agreement> to, String name, Agreement agreement) {
        if (agreement.of() > 0) {
            to.put(name, agreement);
        }
    }

    private static List<Standing> standings(Contest contest, List<VoteCast> votes) {
        List<String> names =
                votes.stream()
                        .flatMap(
                                v ->
                                        List.of(
                                                contest.contender(v.left()),
                                                contest.contender(v.right()))
                                                .stream())
                        .distinct()
                        .sorted()
                        .toList();
        var comparisons = new ArrayList<Comparison>();
        int[][] results = new int[names.size()][3];
        for (VoteCast v : votes) {
            int a = names.indexOf(contest.contender(v.left()));
            int b = names.indexOf(contest.contender(v.right()));
            double share = v.answer() == Answer.LEFT ? 1 : v.answer() == Answer.RIGHT ? 0 : 0.5;
            comparisons.add(new Comparison(a, b, share));
            results[a][share == 1 ? 0 : share == 0 ? 1 : 2]++;
            results[b][share == 0 ? 0 : share == 1 ? 1 : 2]++;
        }
        List<Strength> strengths = BradleyTerry.of(names.size(), comparisons);
        var standings = new ArrayList<Standing>();
        for (int i = 0; i < names.size(); i++) {
            Strength s = strengths.get(i);
            standings.add(
                    new Standing(
                            names.get(i),
                            results[i][0],
                            results[i][1],
                            results[i][2],
                            s.probability(),
                            s.low(),
                            s.high()));
        }
        standings.sort(Comparator.comparingDouble(Standing::probability).reversed());
        return standings;
    }

    private static Agreement composite(
            List<VoteCast> votes, Function<VoteCast, Optional<Answer>> better) {
        int same = 0;
        int of = 0;
        for (VoteCast v : votes) {
            Optional<Answer> theirs = better.apply(v);
            if ((v.answer() == Answer.LEFT || v.answer() == Answer.RIGHT) && theirs.isPresent()) {
                of++;
                same += v.answer() == theirs.get() ? 1 : 0;
            }
        }
        return new Agreement(same, of);
    }

    /** Each person's first answer about a pair, against each other person's. */
    private static Agreement people(List<VoteCast> votes) {
        Map<String, Map<String, String>> byPair = new HashMap<>();
        for (VoteCast v : votes) {
            byPair.computeIfAbsent(Pair.key(v), k -> new LinkedHashMap<>())
                    .putIfAbsent(v.rater(), verdict(v));
        }
        int same = 0;
        int of = 0;
        for (var opinions : byPair.values()) {
            var list = List.copyOf(opinions.values());
            for (int i = 0; i < list.size(); i++) {
                for (int j = i + 1; j < list.size(); j++) {
                    of++;
                    same += list.get(i).equals(list.get(j)) ? 1 : 0;
                }
            }
        }
        return new Agreement(same, of);
    }

    private static Agreement repeats(List<VoteCast> votes) {
        Map<String, String> first = new HashMap<>();
        Set<String> counted = new HashSet<>();
        int same = 0;
        int of = 0;
        for (VoteCast v : votes) {
            String key = v.rater() + " " + Pair.key(v);
            String before = first.putIfAbsent(key, verdict(v));
            if (before != null && counted.add(key + " " + v.voteId())) {
                of++;
                same += before.equals(verdict(v)) ? 1 : 0;
            }
        }
        return new Agreement(same, of);
    }

    /** The same whichever video stood on the left. */
    private static String verdict(VoteCast v) {
        return switch (v.answer()) {
            case LEFT -> v.left().video().sha256();
            case RIGHT -> v.right().video().sha256();
            default -> "neither";
        };
    }

    /** Two-sided exact test of a fair coin: the probability of all outcomes as unlikely as this. */
    static double binomial(int heads, int of) {
        if (of == 0) {
            return 1;
        }
        double[] logs = new double[of + 1];
        double log = -of * Math.log(2);
        for (int k = 0; k <= of; k++) {
            logs[k] = log;
            log += Math.log(of - k) - Math.log(k + 1);
        }
        double limit = logs[heads] + 1e-9;
        double sum = 0;
        for (double each : logs) {
            sum += each <= limit ? Math.exp(each) : 0;
        }
        return Math.min(1, sum);
    }
}
