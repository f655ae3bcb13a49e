package dev.reelrank.diffusion;

import java.util.Map;

/**
 * What several seeds share: the encoded texts and image of a sample. Made by {@link
 * Generator#condition}, closed by its caller, before the generator.
 */
public interface Conditioning extends AutoCloseable {
    /** What it was made for. */
    GenerationSettings settings();

    /** Tokens of the prompt that the model sees; 0 for a prompt that was encoded elsewhere. */
    int promptTokens();

    /** Tokens of a prompt that was too long, which the model does not see. */
    int promptTokensCut();

    /**
     * Milliseconds by part, for people: {@code text} and {@code image} where they were told apart.
     */
    default Map<String, Long> timings() {
        return Map.of();
    }

    @Override
    void close();
}
