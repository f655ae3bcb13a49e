package dev.reelrank.statistics;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a paired comparison says, in words.
 *
 * @param kind the answer
 * @param text one sentence for people
 * @param needed samples that would probably decide it; null where it is decided or nothing differs
 */
public record Verdict(Kind kind, String text, @Nullable Integer needed) {
    /** With fewer pairs nothing is called better: two lucky samples are no evidence. */
    public static final int LEAST_PAIRS = 5;

    /** The level of all comparisons together. */
    public static final double LEVEL = 0.05;

    /** The answers. */
    public enum Kind {
        BETTER,
        WORSE,
        /** Something differs, but chance explains it. */
        UNDECIDED,
        /** Every pair is equal. */
        EQUAL,
        /** There is no pair with both values. */
        UNKNOWN
    }

    /** Nothing was measured on both sides. */
    public static Verdict unknown() {
        return new Verdict(Kind.UNKNOWN, "not measured on both sides", null);
    }

    /**
     * Judges. Better or worse needs three things: at least {@link #LEAST_PAIRS} pairs, a corrected
     * p of at most {@link #LEVEL}, and a 95 % interval clear of zero.
     *
     * @param corrected the difference's p, corrected for all comparisons of the study
     * @param comparisons how many there are
     */
    public static Verdict of(
            PairedDifference difference,
            double corrected,
            int comparisons,
            boolean higherIsBetter) {
        if (difference.equal()) {
            return new Verdict(Kind.EQUAL, "equal in every sample", null);
        }
        Interval interval = difference.difference();
        boolean clear = interval.above() || interval.below();
        if (difference.pairs() >= LEAST_PAIRS && corrected <= LEVEL && clear) {
            boolean better = interval.above() == higherIsBetter;
            return new Verdict(
                    better ? Kind.BETTER : Kind.WORSE, better ? "better" : "worse", null);
        }
        if (difference.pairs() < 2 || interval.mean() == 0) {
            return new Verdict(Kind.UNDECIDED, "cannot be told apart", null);
        }
        var needed = SampleSize.toSee(interval.mean(), difference.spread(), LEVEL / comparisons);
        // It was not enough this time, whatever the formula says.
        int most = Math.max(difference.pairs() + 1, LEAST_PAIRS);
        return needed.isEmpty()
                ? new Verdict(
                        Kind.UNDECIDED,
                        "cannot be told apart: more than a million samples would be needed",
                        null)
                : undecided(Math.max(most, needed.getAsInt()));
    }

    private static Verdict undecided(int needed) {
        return new Verdict(
                Kind.UNDECIDED,
                String.format(Locale.ROOT, "cannot be told apart: needs about %d samples", needed),
                needed);
    }
}
