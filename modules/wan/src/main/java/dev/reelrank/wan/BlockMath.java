package dev.reelrank.wan;

import dev.reelrank.torch.RmsNorm;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The element-wise work of a block, between its matrix products. Hidden states have the shape (1,
 * tokens, dim) and the model's type; factors and shifts are float32, shape (dim).
 */
interface BlockMath {
    /** {@code LN(x) * factor + shift}, computed in float32. */
    Tensor norm(Tensor x, Tensor factor, Tensor shift, double epsilon);

    /**
     * {@code x + y * gate}, in place of x where nothing is learned.
     *
     * @param gate null for 1
     */
    Tensor residual(Tensor x, Tensor y, @Nullable Tensor gate);

    /**
     * Normalises over all channels, splits into heads and rotates.
     *
     * @param x shape (1, tokens, dim)
     * @param rotary null for no rotation
     * @return shape (1, heads, tokens, head dim)
     */
    Tensor heads(Tensor x, RmsNorm norm, long heads, @Nullable RotaryTable rotary);

    /** GELU, tanh approximation. */
    Tensor gelu(Tensor x);
}
