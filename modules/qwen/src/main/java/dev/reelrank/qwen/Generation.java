package dev.reelrank.qwen;

import java.util.List;

/**
 * A generated answer.
 *
 * @param text without special tokens
 * @param tokenIds without the stop token; empty when a remote model answered
 * @param complete whether the model ended it; false when it was cut at the allowed length
 */
public record Generation(String text, List<Integer> tokenIds, boolean complete) {
    public Generation {
        tokenIds = List.copyOf(tokenIds);
    }
}
