package dev.reelrank.ranking;

import java.util.List;
import java.util.Locale;

/**
 * Which candidate wins.
 *
 * @param index of the winner
 * @param spread max − min of the scores
 * @param reason for people
 */
public record Choice(int index, double spread, String reason) {
    /** Scores that differ by less than this are equal: rounding of different machines. */
    private static final double TIE = 1e-9;

    /**
     * The candidate with the largest score. When all scores lie closer together than {@code
     * minSpread}, the largest is noise and the default wins; of several that share the largest
     * score, the one that comes first in the order of preference.
     *
     * @param names what the reason calls each candidate
     * @param scores finite, at least one
     * @param preference one number a candidate, all different: the smallest is the default. It
     *     belongs to the candidate and not to its place, so that listing them in another order
     *     changes nothing
     */
    public static Choice among(
            List<String> names, double[] scores, int[] preference, double minSpread) {
        if (scores.length == 0
                || scores.length != preference.length
                || scores.length != names.size()) {
            throw new IllegalArgumentException("every candidate needs a score and a preference");
        }
        int best = 0;
        int worst = 0;
        int preferred = 0;
        for (int i = 0; i < scores.length; i++) {
            if (!Double.isFinite(scores[i])) {
                throw new IllegalArgumentException(
                        "the score of " + names.get(i) + " is " + scores[i]);
            }
            best = scores[i] > scores[best] ? i : best;
            worst = scores[i] < scores[worst] ? i : worst;
            preferred = preference[i] < preference[preferred] ? i : preferred;
        }
        double spread = scores[best] - scores[worst];
        if (scores.length == 1) {
            return new Choice(0, 0, "the only candidate");
        }
        if (spread < minSpread) {
            return new Choice(
                    preferred,
                    spread,
                    said(
                            "spread too small: the scores differ by %.4f, below %.4f, which is not a"
                                    + " choice; %s is the default",
                            spread, minSpread, names.get(preferred)));
        }
        int winner = best;
        int tied = 0;
        double runnerUp = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < scores.length; i++) {
            if (scores[best] - scores[i] <= TIE) {
                tied++;
                winner = preference[i] < preference[winner] ? i : winner;
            } else {
                runnerUp = Math.max(runnerUp, scores[i]);
            }
        }
        if (tied > 1) {
            return new Choice(
                    winner,
                    spread,
                    said(
                            "%d candidates share the highest score, %.4f; %s comes first among them",
                            tied, scores[best], names.get(winner)));
        }
        return new Choice(
                winner,
                spread,
                said("highest score, %.4f; the next has %.4f", scores[best], runnerUp));
    }

    private static String said(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
