package dev.reelrank.diffusion;

/**
 * What several seeds share: the encoded texts and image of a sample. Made by {@link
 * Generator#condition}, closed by its caller, before the generator.
 */
public interface Conditioning extends AutoCloseable {
    /** What it was made for. */
    GenerationSettings settings();

    @Override
    void close();
}
