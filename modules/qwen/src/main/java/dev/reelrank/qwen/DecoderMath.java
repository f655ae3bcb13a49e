package dev.reelrank.qwen;

import dev.reelrank.torch.RmsNorm;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** What a decoder layer does between its matrix products. */
interface DecoderMath extends AutoCloseable {
    /**
     * Adds to the hidden states and norms them.
     *
     * @param x shape (rows, tokens, hidden), changed in place
     * @param y added to x, shape as x; null for nothing
     * @return the normed x, shape as x
     */
    Tensor addNorm(Tensor x, @Nullable Tensor y, RmsNorm norm);

    /**
     * Norms, scales and turns every query and key head.
     *
     * @param parts shape (rows, tokens, heads + 2 keyValueHeads, headDim): queries, keys, values
     * @param scales shape (heads + keyValueHeads, headDim); null for heads that are only turned
     * @return queries and keys, shape (rows, tokens, heads + keyValueHeads, headDim)
     */
    Tensor turnHeads(Tensor parts, @Nullable Tensor scales, Rope.Turns turns);

    /**
     * {@code silu(first half) * second half} of the last dimension.
     *
     * @param wide shape (rows, tokens, 2 intermediate)
     */
    Tensor gated(Tensor wide);

    @Override
    void close();
}
