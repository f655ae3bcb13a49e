package dev.reelrank.wan;

import dev.reelrank.torch.Activation;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.BlockSelection;
import dev.reelrank.torch.sparse.LinearAttention;
import dev.reelrank.torch.sparse.SparseAttention;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The element-wise operations of a block, between its matrix products. Hidden states have the shape
 * (1, tokens, dim) and the model's type; factors, shifts and gates are float32, shape (dim), or (2,
 * dim) where the tokens of a given frame have their own.
 */
interface BlockMath {
    /**
     * Scale and shift of a layer norm: {@code LN(x) * factor + shift}, computed in float32.
     *
     * @param stretches whose rows factor and shift have
     */
    record Affine(Tensor factor, Tensor shift, double epsilon, Stretches stretches) {
        /** The same for all tokens. */
        Affine(Tensor factor, Tensor shift, double epsilon) {
            this(factor, shift, epsilon, Stretches.ONE);
        }

        /** For the tokens of one stretch. */
        Affine of(Stretches.Stretch stretch) {
            return new Affine(stretch.row(factor), stretch.row(shift), epsilon);
        }
    }

    /**
     * What is added is multiplied with it.
     *
     * @param stretches whose rows it has
     */
    record Gate(Tensor factor, Stretches stretches) {}

    /** Hidden states and their norm, the next layers' input. */
    record Normed(Tensor x, Activation norm) {}

    /** The norm of hidden states. */
    Activation norm(Tensor x, Affine affine);

    /**
     * {@code x + y * gate} and its norm. x may be overwritten.
     *
     * @param gate null for 1
     */
    Normed residualNorm(Tensor x, Tensor y, @Nullable Gate gate, Affine affine);

    /** {@code x + y * gate}. x may be overwritten. */
    Tensor residual(Tensor x, Tensor y, Gate gate);

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

    /** Queries, keys and values of all heads side by side, seen as heads. */
    static Tensor split(Tensor x, long heads) {
        return TensorScope.compute(
                () -> x.unflatten(-1, new long[] {heads, x.size(-1) / heads}).transpose(1, 2));
    }

    /** Heads side by side again, shape (1, tokens, dim). */
    static Tensor merge(Tensor heads) {
        return TensorScope.compute(() -> heads.transpose(1, 2).flatten(2, 3));
    }

    /** The same for one tensor, without rotation. */
    Tensor heads(Tensor x, RmsNorm norm, long heads);

    /**
     * Self-attention, as input of a linear layer. Frees what it is given when it is used up.
     *
     * @param heads query and key, as {@link #heads} gave them
     * @param value shape (1, tokens, dim)
     */
    Activation attention(Tensor[] heads, Tensor value);

    /**
     * Attention over the blocks of a map; all shapes (1, heads, tokens, head dim).
     *
     * @param kernels which of our own compute, where there are such for these sizes
     */
    default Tensor sparse(
            Tensor query, Tensor key, Tensor value, BlockMap map, SparseKernels kernels) {
        return SparseAttention.apply(query, key, value, map).output();
    }

    /**
     * As {@link BlockSelection#topShare}; all shapes (1, heads, tokens, head dim).
     *
     * @param kernels which of our own compute, where there are such for these sizes
     */
    default BlockMap topShare(
            Tensor query,
            Tensor key,
            double share,
            long queryBlock,
            long keyBlock,
            SparseKernels kernels) {
        return BlockSelection.topShare(query, key, share, queryBlock, keyBlock);
    }

    /**
     * Attention over some blocks plus projected {@link LinearAttention} over all keys; shapes (1,
     * heads, tokens, head dim). May change what it is given as {@code sparse}.
     *
     * @param weight of the projection, shape (head dim, head dim)
     * @param bias of the projection, shape (head dim)
     * @param kernels which of our own compute, where there are such for these sizes
     */
    default Tensor addLinear(
            Tensor sparse,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor weight,
            Tensor bias,
            SparseKernels kernels) {
        return TensorScope.compute(
                () ->
                        sparse.add(
                                torch.linear(
                                        LinearAttention.apply(query, key, value),
                                        weight,
                                        new TensorOptional(bias))));
    }

    /** What attention gave, shape (1, tokens, dim), as input of a linear layer. */
    Activation input(Tensor x);

    /** Through a layer and GELU (tanh approximation). */
    Activation gelu(Activation x, Linear up);
}
