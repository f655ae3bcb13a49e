package dev.reelrank.wan;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.RmsNorm;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The element-wise work of a block, between its matrix products. Hidden states have the shape (1,
 * tokens, dim) and the model's type; factors, shifts and gates are float32, shape (dim).
 */
interface BlockMath {
    /** Scale and shift of a layer norm: {@code LN(x) * factor + shift}, computed in float32. */
    record Affine(Tensor factor, Tensor shift, double epsilon) {}

    /** Hidden states and their norm, the next layers' input. */
    record Normed(Tensor x, Activation norm) {}

    /** The norm of hidden states. */
    Activation norm(Tensor x, Affine affine);

    /**
     * {@code x + y * gate} and its norm. x may be overwritten.
     *
     * @param gate null for 1
     */
    Normed residualNorm(Tensor x, Tensor y, @Nullable Tensor gate, Affine affine);

    /** {@code x + y * gate}. x may be overwritten. */
    Tensor residual(Tensor x, Tensor y, Tensor gate);

    /**
     * Normalises query and key over all channels, splits them into heads and rotates them. Both may
     * be overwritten.
     *
     * @param query shape (1, tokens, dim)
     * @param key like query
     * @return query and key, shape (1, heads, tokens, head dim)
     */
    Tensor[] heads(
            Tensor query,
            RmsNorm queryNorm,
            Tensor key,
            RmsNorm keyNorm,
            long heads,
            RotaryTable rotary);

    /** The same for one tensor, without rotation. */
    Tensor heads(Tensor x, RmsNorm norm, long heads);

    /** What attention gave, shape (1, tokens, dim), as input of a linear layer. */
    Activation input(Tensor x);

    /** Through a layer and GELU (tanh approximation). */
    Activation gelu(Activation x, Linear up);
}
