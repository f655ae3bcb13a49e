package dev.reelrank.geometry.layers;

import dev.reelrank.geometry.layers.BlockKernels.Sum;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A transformer block: attention and MLP, each after a layer norm and, where the weights have
 * scales, scaled per channel. Tokens stay float32; products are computed in the weights' type.
 */
public final class TransformerBlock {
    private final int heads;
    private final DType dtype;
    private final LayerNorm before;
    private final LayerNorm between;
    private final Linear qkv;
    private final Linear out;
    private final @Nullable LayerNorm queryNorm;
    private final @Nullable LayerNorm keyNorm;
    private final Linear up;
    private final Linear down;
    private final @Nullable Tensor attentionScale;
    private final @Nullable Tensor mlpScale;
    private final @Nullable BlockKernels kernels;

    /**
     * Loads {@code norm1}, {@code attn}, {@code norm2}, {@code mlp}.
     *
     * @param normed whether queries and keys are normalised
     * @param epsilon of the two layer norms
     */
    public TransformerBlock(Weights weights, int dim, int heads, boolean normed, double epsilon) {
        this(weights, dim, heads, normed, epsilon, null);
    }

    /**
     * The same by kernels, where there are some.
     *
     * @param kernels closed by the caller; null for libtorch's operations
     */
    public TransformerBlock(
            Weights weights,
            int dim,
            int heads,
            boolean normed,
            double epsilon,
            @Nullable BlockKernels kernels) {
        this.heads = heads;
        this.kernels = kernels;
        this.dtype = weights.dtype();
        Weights wide = weights.as(DType.FLOAT32);
        before = LayerNorm.load(wide.child("norm1"), dim, epsilon);
        between = LayerNorm.load(wide.child("norm2"), dim, epsilon);
        qkv = Linear.load(weights.child("attn.qkv"), dim, 3L * dim, true);
        out = Linear.load(weights.child("attn.proj"), dim, dim, true);
        int head = dim / heads;
        queryNorm = normed ? LayerNorm.load(weights.child("attn.q_norm"), head, 1e-5) : null;
        keyNorm = normed ? LayerNorm.load(weights.child("attn.k_norm"), head, 1e-5) : null;
        up = Linear.load(weights.child("mlp.fc1"), dim, 4L * dim, true);
        down = Linear.load(weights.child("mlp.fc2"), 4L * dim, dim, true);
        attentionScale = scale(wide, "ls1.gamma", dim);
        mlpScale = scale(wide, "ls2.gamma", dim);
    }

    private static @Nullable Tensor scale(Weights weights, String name, int dim) {
        return weights.has(name) ? weights.take(name, dim) : null;
    }

    private static Tensor plus(Tensor x, Tensor change, @Nullable Tensor scale) {
        return scale == null ? x.add(change) : torch.addcmul(x, change, scale);
    }

    /**
     * Applies the block.
     *
     * @param x shape (batch, tokens, dim), float32
     * @param positions of the tokens; null if there are none
     * @return shape and type as x
     */
    public Tensor apply(Tensor x, @Nullable RotaryGrid positions) {
        return TensorScope.compute(
                () -> {
                    Tensor change = attention(normed(x), positions);
                    Sum attended = sum(x, change);
                    return plus(attended.tokens(), mlp(attended.normed()), mlpScale);
                });
    }

    private Tensor normed(Tensor x) {
        return kernels == null ? Ops.to(before.apply(x), dtype) : kernels.norm(x, before);
    }

    private Sum sum(Tensor x, Tensor change) {
        if (kernels != null) {
            return kernels.addNorm(x, change, attentionScale, between);
        }
        Tensor sum = plus(x, change, attentionScale);
        return new Sum(sum, Ops.to(between.apply(sum), dtype));
    }

    private Tensor attention(Tensor x, @Nullable RotaryGrid positions) {
        return TensorScope.compute(
                () -> {
                    Tensor all = qkv.apply(x);
                    Tensor parts =
                            all.reshape(x.size(0), x.size(1), 3, heads, x.size(2) / heads)
                                    .permute(2, 0, 3, 1, 4);
                    Tensor query = parts.select(0, 0);
                    Tensor key = parts.select(0, 1);
                    if (kernels != null
                            && queryNorm != null
                            && keyNorm != null
                            && positions != null) {
                        kernels.turn(all, queryNorm, keyNorm, positions);
                    } else {
                        query = turned(query, queryNorm, positions);
                        key = turned(key, keyNorm, positions);
                    }
                    Tensor seen = attended(query, key, parts.select(0, 2));
                    return out.apply(seen.transpose(1, 2).flatten(2, 3));
                });
    }

    private Tensor attended(Tensor query, Tensor key, Tensor value) {
        return kernels == null
                ? Attention.apply(query, key, value)
                : kernels.attention(query, key, value);
    }

    private static Tensor turned(
            Tensor x, @Nullable LayerNorm norm, @Nullable RotaryGrid positions) {
        Tensor even = norm == null ? x : norm.apply(x);
        return positions == null ? even : positions.apply(even);
    }

    private Tensor mlp(Tensor x) {
        return TensorScope.compute(() -> down.apply(Ops.geluExact(up.apply(x))));
    }
}
