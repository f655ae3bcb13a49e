package dev.reelrank.pipeline;

/**
 * How long a prompt may be. Generators read its first 512 tokens, which are some 2,500 letters;
 * what every stage does with a prompt must not grow with what somebody pastes into one.
 */
public final class PromptLength {
    /** In UTF-16 units. */
    public static final int LONGEST = 16_384;

    private PromptLength() {}

    /**
     * Refuses a prompt that is too long.
     *
     * @param which whose prompt it is, for the message
     * @throws StageException PROMPT_TOO_LONG
     */
    public static void require(String prompt, String which) {
        if (prompt.length() > LONGEST) {
            throw new StageException(
                    FailureCode.PROMPT_TOO_LONG,
                    "%s has %d characters; a prompt may have %d: shorten it"
                            .formatted(which, prompt.length(), LONGEST));
        }
    }
}
