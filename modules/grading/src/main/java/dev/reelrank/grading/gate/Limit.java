package dev.reelrank.grading.gate;

import org.jspecify.annotations.Nullable;

/**
 * The limits of one measure.
 *
 * @param better {@code higher} or {@code lower}: which values are good
 * @param review a value worse than this is to be looked at, null for no such limit
 * @param reject a value worse than this is a clear defect, null for no such limit
 */
public record Limit(String better, @Nullable Double review, @Nullable Double reject) {
    public static final String HIGHER = "higher";
    public static final String LOWER = "lower";

    public Limit {
        if (!better.equals(HIGHER) && !better.equals(LOWER)) {
            throw new IllegalArgumentException(
                    "better must be %s or %s, was %s".formatted(HIGHER, LOWER, better));
        }
    }

    /** What a value calls for. A value that is no number is to be looked at. */
    public Decision judge(double value) {
        if (Double.isNaN(value)) {
            return Decision.REVIEW;
        }
        return isWorse(value, reject)
                ? Decision.REJECT
                : isWorse(value, review) ? Decision.REVIEW : Decision.KEEP;
    }

    /** The limit that a value passed for a decision. */
    public double of(Decision decision) {
        Double limit = decision == Decision.REJECT ? reject : review;
        if (limit == null) {
            throw new IllegalArgumentException("there is no limit for " + decision);
        }
        return limit;
    }

    private boolean isWorse(double value, @Nullable Double limit) {
        return limit != null && (better.equals(HIGHER) ? value < limit : value > limit);
    }
}
