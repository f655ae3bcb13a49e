package dev.reelrank.bench.align.result;

import dev.reelrank.alignment.compare.ClipMetrics;
import dev.reelrank.bench.align.result.CandidateFiles.Candidate;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Chooses pairs among candidates by a score of which less is better; no label is used.
 *
 * <p>The worst candidate of a prompt loses; one without a score, because it shows nothing twice, is
 * the worst. The best one wins among those that move at least {@value #LIVELY} times as much as the
 * median: what hardly moves is easily rigid. Of all prompts those with the widest gaps are taken.
 *
 * @param score that chooses
 * @param gap by how much the loser's score is higher at least, as a share of the winner's
 */
record RoomPairs(String score, double gap) {
    private static final double LIVELY = 0.9;

    /**
     * Two candidates of one prompt.
     *
     * @param ratio the loser's score over the winner's; infinite if the loser has none
     */
    record Pair(Candidate winner, Candidate loser, double ratio) {}

    /**
     * The pairs with the widest gaps, in the order of the prompts.
     *
     * @param prompts candidates of each
     * @param most how many pairs at most
     */
    List<Pair> choose(List<List<Candidate>> prompts, int most) {
        var all = prompts.stream().map(this::choose).flatMap(Optional::stream).toList();
        var widest =
                all.stream()
                        .sorted(Comparator.comparingDouble(Pair::ratio).reversed())
                        .limit(most)
                        .toList();
        return all.stream().filter(widest::contains).toList();
    }

    private Optional<Pair> choose(List<Candidate> candidates) {
        double[] motion =
                candidates.stream()
                        .mapToDouble(c -> c.figure(ClipMetrics.MOTION))
                        .sorted()
                        .toArray();
        double least = LIVELY * motion[motion.length / 2];
        var loser = candidates.stream().max(Comparator.comparingDouble(this::value)).orElseThrow();
        return candidates.stream()
                .filter(c -> Double.isFinite(value(c)))
                .filter(c -> c.figure(ClipMetrics.MOTION) >= least)
                .min(Comparator.comparingDouble(this::value))
                .map(winner -> new Pair(winner, loser, value(loser) / value(winner)))
                .filter(pair -> pair.ratio() > 1 && pair.ratio() >= 1 + gap);
    }

    private double value(Candidate candidate) {
        double value = candidate.figure(score);
        return Double.isNaN(value) ? Double.POSITIVE_INFINITY : value;
    }

    /**
     * How often, of two candidates of one prompt, the one with the better score is nearer to the
     * truth.
     *
     * @return share 0..1; NaN without such pairs
     */
    static double agreement(List<List<Candidate>> prompts, String score) {
        int right = 0;
        int all = 0;
        for (var candidates : prompts) {
            for (int i = 0; i < candidates.size(); i++) {
                for (int j = 0; j < i; j++) {
                    double side = side(candidates.get(i), candidates.get(j), score);
                    all += Double.isFinite(side) && side != 0 ? 1 : 0;
                    right += Double.isFinite(side) && side > 0 ? 1 : 0;
                }
            }
        }
        return all == 0 ? Double.NaN : (double) right / all;
    }

    /**
     * In how many of the pairs the winner is nearer to the truth.
     *
     * @return share 0..1; NaN without pairs
     */
    static double nearer(List<Pair> pairs) {
        return pairs.stream()
                .mapToDouble(
                        p ->
                                p.winner().figure(RoomJudge.TRUE_ERROR)
                                                < p.loser().figure(RoomJudge.TRUE_ERROR)
                                        ? 1
                                        : 0)
                .average()
                .orElse(Double.NaN);
    }

    /** Above 0 if score and truth agree on two candidates. */
    private static double side(Candidate a, Candidate b, String score) {
        return (a.figure(score) - b.figure(score))
                * (a.figure(RoomJudge.TRUE_ERROR) - b.figure(RoomJudge.TRUE_ERROR));
    }
}
