package dev.reelrank.evaluation.study;

import dev.reelrank.statistics.PairedDifference;
import dev.reelrank.statistics.Verdict;
import org.jspecify.annotations.Nullable;

/**
 * One metric of one configuration against another one, over the samples of both.
 *
 * @param cell the configuration
 * @param against the one it is compared with
 * @param metric its name
 * @param samples that both have, failed ones too
 * @param difference over the samples where both were measured; null if there is none
 * @param corrected p of the difference after Holm's correction over all comparisons; 1 without one
 * @param winRate share of the samples that the configuration wins, ties count half; a failed sample
 *     loses against one with a video
 * @param verdict in words
 */
public record CellChange(
        String cell,
        String against,
        String metric,
        int samples,
        @Nullable PairedDifference difference,
        double corrected,
        double winRate,
        Verdict verdict) {
    /** The difference with its interval, in words. */
    public String words() {
        if (difference == null) {
            return "not measured on both sides";
        }
        var d = difference.difference();
        return "%s (%s to %s)"
                .formatted(
                        Numbers.signed(d.mean()),
                        Numbers.signed(d.low()),
                        Numbers.signed(d.high()));
    }

    /** Pairs that the difference rests on. */
    public int pairs() {
        return difference == null ? 0 : difference.pairs();
    }
}
