package dev.reelrank.diffusion.text;

import org.bytedeco.pytorch.Tensor;

/**
 * An encoded prompt: the rows of its own tokens; up to the encoder's limit follow rows of zeros,
 * which are not stored.
 *
 * @param rows shape (tokens, text dim), at least one token
 * @param padding rows of zeros that follow, at least 0
 * @param tokens of the prompt; 0 for rows that were made elsewhere
 * @param cut tokens of a prompt that was too long, left out
 */
public record TextContext(Tensor rows, long padding, int tokens, int cut) implements AutoCloseable {
    /** Rows that were made elsewhere. */
    public TextContext(Tensor rows, long padding) {
        this(rows, padding, 0, 0);
    }

    /** Rows with the padding. */
    public long length() {
        return rows.size(0) + padding;
    }

    @Override
    public void close() {
        rows.releaseReference();
    }
}
