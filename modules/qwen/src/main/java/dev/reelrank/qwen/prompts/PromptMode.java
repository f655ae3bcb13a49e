package dev.reelrank.qwen.prompts;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A way of rewriting a prompt: the model's instruction and the rules for its answer.
 *
 * @param name as on the command line, for example {@code ultra_enrich}
 * @param instruction the system turn
 * @param seesImage whether the picture is shown to the model
 * @param words how many words the answer has
 * @param sentences how many sentences, 0 for any number
 * @param openers what each sentence begins with; empty when nothing is asked
 * @param wordsPerSentence how many words each sentence has; null when nothing is asked
 * @param tags labels that must stand in the answer, in this order, each with the text that repairs
 *     a missing one
 * @param brandsForbidden whether brand names are a violation
 * @param pads neutral additions that repair an answer that is too short: clauses where one sentence
 *     is asked, else sentences
 */
public record PromptMode(
        String name,
        String instruction,
        boolean seesImage,
        Range words,
        int sentences,
        List<String> openers,
        @Nullable Range wordsPerSentence,
        Map<String, String> tags,
        boolean brandsForbidden,
        List<String> pads) {

    /** The sentence that the slow-verb bias adds to an instruction. */
    public static final String SLOW_VERBS =
            "Prefer slow verbs: slowly, gently, carefully, smoothly.";

    /** The system turn, with the slow-verb bias if asked for. */
    public String instruction(Motion motion) {
        return motion == Motion.SLOW ? instruction + " " + SLOW_VERBS : instruction;
    }

    /** Whether the instruction asks for slow verbs. */
    public enum Motion {
        AS_WRITTEN,
        SLOW
    }
}
