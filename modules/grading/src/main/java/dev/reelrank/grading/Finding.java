package dev.reelrank.grading;

import org.jspecify.annotations.Nullable;

/**
 * One kind of evidence as it was computed.
 *
 * @param score 0..1; null when it could not be computed
 * @param used false: it does not count, whatever its score (no preference model yet, or it could
 *     not be computed)
 * @param missing it, or a part of it, should have been computed and could not be: the grade is
 *     partial
 * @param details a JSON object: what the score was computed from, or why there is none
 */
public record Finding(@Nullable Double score, boolean used, boolean missing, String details) {
    public Finding {
        if (score != null && !(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("a score must be within 0..1, was " + score);
        }
        if (used && score == null) {
            throw new IllegalArgumentException("evidence without a score cannot be used");
        }
    }

    public static Finding of(double score, String details) {
        return new Finding(score, true, false, details);
    }

    /** It counts, although a part of what it is made of could not be computed. */
    public static Finding inPart(double score, String details) {
        return new Finding(score, true, true, details);
    }

    /** It could not be computed, for a cause in the video or the prompt. */
    public static Finding missing(String details) {
        return new Finding(null, false, true, details);
    }

    /**
     * It has a score that does not count and leaves nothing to be desired: the preference before
     * there is a model.
     */
    public static Finding unused(double score, String details) {
        return new Finding(score, false, false, details);
    }
}
