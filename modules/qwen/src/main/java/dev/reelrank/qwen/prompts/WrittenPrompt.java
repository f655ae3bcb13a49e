package dev.reelrank.qwen.prompts;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the writer made of a prompt.
 *
 * @param text what the generator gets, not empty
 * @param source who wrote it
 * @param attempts how often the model was asked, 0..2
 * @param remark the rules that were broken and what was done about it, null if none was
 * @param tokenIds of the answer that was used or repaired; empty where there was none
 */
public record WrittenPrompt(
        String text, Source source, int attempts, @Nullable String remark, List<Integer> tokenIds) {
    /** Who wrote it. */
    public enum Source {
        MODEL,
        REPAIRED,
        ORIGINAL
    }

    public WrittenPrompt {
        tokenIds = List.copyOf(tokenIds);
    }
}
