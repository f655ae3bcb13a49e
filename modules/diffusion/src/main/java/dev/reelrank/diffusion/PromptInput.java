package dev.reelrank.diffusion;

import java.nio.file.Path;

/** A prompt, as text or encoded elsewhere. */
public sealed interface PromptInput {
    /** The text; it is cleaned as the family's published pipeline cleans it. */
    record Text(String text) implements PromptInput {}

    /**
     * Rows of a text encoder.
     *
     * @param file safetensors with {@code prompt_embeds}, shape (tokens, dim) or (1, tokens, dim)
     */
    record Embeds(Path file) implements PromptInput {}
}
