package dev.reelrank.grading;

import dev.reelrank.grading.gate.Decision;

/** The grade as a letter; each holds from its threshold up to the next better one's. */
public enum Letter {
    A("A", 0.9),
    A_MINUS("A-", 0.8),
    B_PLUS("B+", 0.7),
    B("B", 0.6),
    B_MINUS("B-", 0.5),
    C("C", 0.4),
    F("F", 0);

    private final String text;
    private final double from;

    Letter(String text, double from) {
        this.text = text;
        this.from = from;
    }

    /**
     * The letter of a score.
     *
     * @param score 0..1
     */
    public static Letter of(double score) {
        if (!(score >= 0 && score <= 1)) {
            throw new IllegalArgumentException("score must be within 0..1, was " + score);
        }
        for (var letter : values()) {
            if (score >= letter.from) {
                return letter;
            }
        }
        throw new AssertionError("F begins at 0");
    }

    /**
     * The letter of a score beside a decision. What is rejected is at most a {@link #C}, and what
     * is graded without half of the evidence about the prompt at most a {@link #B}: a grade that
     * knows nothing is not an A.
     *
     * @param blind the semantic or the spatial evidence is missing
     */
    public static Letter of(double score, Decision decision, boolean blind) {
        Letter letter = of(score);
        Letter most = decision == Decision.REJECT ? C : blind ? B : A;
        return letter.compareTo(most) < 0 ? most : letter;
    }

    /** For example {@code B+}. */
    public String text() {
        return text;
    }
}
