package dev.reelrank.qwen;

import org.bytedeco.pytorch.Tensor;

/** What a pass through the decoder attends to, and where its keys and values go. */
interface KeyValues {
    /**
     * Attention of one layer.
     *
     * @param query shape (rows, tokens, heads, headDim)
     * @param key shape (rows, tokens, keyValueHeads, headDim)
     * @param value like key
     * @return shape (rows, tokens, heads * headDim)
     */
    Tensor attend(int layer, Tensor query, Tensor key, Tensor value);
}
