package dev.reelrank.qwen.prompts;

/**
 * A rule that an answer breaks.
 *
 * @param rule which one
 * @param reason what is wrong, as a clause that completes "That breaks a rule: …"
 */
public record Violation(Rule rule, String reason) {
    /** The rules, and whether a deterministic repair exists. */
    public enum Rule {
        EMPTY(false),
        REFUSAL(false),
        FOREIGN_SCRIPT(false),
        UNRELATED(false),
        FAR_TOO_SHORT(false),
        CUT_OFF(true),
        ABOUT_THE_PICTURE(true),
        REPEATED(true),
        BRAND(true),
        SENTENCES(true),
        OPENER(true),
        SENTENCE_LENGTH(true),
        TAG(true),
        TOO_SHORT(true),
        TOO_LONG(true);

        private final boolean repairable;

        Rule(boolean repairable) {
            this.repairable = repairable;
        }

        boolean repairable() {
            return repairable;
        }
    }
}
