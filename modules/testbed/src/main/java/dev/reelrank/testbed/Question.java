package dev.reelrank.testbed;

/**
 * A yes/no question and its true answer.
 *
 * @param text the question
 * @param yes whether the true answer is yes
 * @param about what it is about
 */
public record Question(String text, boolean yes, About about) {
    /** What a question is about. */
    public enum About {
        OBJECT,
        ATTRIBUTE,
        ACTION,
        SETTING,
        RELATION,
        QUALITY
    }
}
