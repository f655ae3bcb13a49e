package dev.reelrank.torch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * Scaled dot product attention, {@code softmax(q k^T * scale + mask) v}, by the fastest kernel that
 * can ({@link AttentionBackend}).
 */
public final class Attention {
    private Attention() {}

    /** Without mask, scaled by 1/sqrt(dim). All shapes (batch, heads, tokens, dim). */
    public static Tensor apply(Tensor query, Tensor key, Tensor value) {
        return torch.scaled_dot_product_attention(query, key, value);
    }

    /** Each token sees itself and what is before it. Key and value may have fewer heads. */
    public static Tensor causal(Tensor query, Tensor key, Tensor value) {
        return torch.scaled_dot_product_attention(
                query,
                key,
                value,
                new TensorOptional(),
                0.0,
                true,
                new DoubleOptional(),
                query.size(1) != key.size(1));
    }

    /**
     * With everything said.
     *
     * @param query shape (batch, heads, queries, dim)
     * @param key shape (batch, heads or fewer, keys, dim): grouped heads are repeated
     * @param value like key
     * @param mask bool (true: may see) or added numbers, broadcastable to (batch, heads, queries,
     *     keys); null for none
     * @param scale factor of the scores before the mask
     */
    public static Tensor apply(
            Tensor query, Tensor key, Tensor value, @Nullable Tensor mask, double scale) {
        return torch.scaled_dot_product_attention(
                query,
                key,
                value,
                mask == null ? new TensorOptional() : new TensorOptional(mask),
                0.0,
                false,
                new DoubleOptional(scale),
                query.size(1) != key.size(1));
    }
}
