package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A written prompt.
 *
 * @param prompt what the generator gets
 * @param mode the prompt mode that was asked for
 * @param source who wrote it
 * @param words of the prompt
 * @param attempts how often the model was asked, 0..2
 * @param repaired the rule that was broken and how it was mended, null if nothing had to be
 * @param tokenIds of the model's answer, empty where there was none
 */
public record PromptResult(
        String prompt,
        String mode,
        Source source,
        int words,
        int attempts,
        @Nullable String repaired,
        List<Integer> tokenIds)
        implements StageResult {
    /** Who wrote a prompt. */
    public enum Source {
        /** The vision-language model, within its mode's rules. */
        MODEL,
        /** The model, mended by a deterministic rule. */
        REPAIRED,
        /** The user's original prompt: the mode is none or auto, or no usable answer came. */
        ORIGINAL,
        /** An edited prompt file. */
        USER
    }

    public PromptResult {
        tokenIds = List.copyOf(tokenIds);
    }

    @Override
    public List<BlobRef> blobs() {
        return List.of();
    }
}
