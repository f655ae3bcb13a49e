package dev.reelrank.animatediff;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Two attentions and a gated feed-forward (GEGLU), each after a layer norm and added to what came
 * in. The first attention sees its own rows; the second the text, or its own rows again.
 */
final class TransformerBlock {
    private static final double EPSILON = 1e-5;

    private final LayerNorm norm1;
    private final HeadAttention attention1;
    private final LayerNorm norm2;
    private final HeadAttention attention2;
    private final LayerNorm norm3;
    private final Linear up;
    private final Linear down;
    private final PictureKernels kernels;

    /**
     * @param textDim numbers of a row of the text; 0 if the second attention sees its own rows
     */
    TransformerBlock(Weights weights, long dim, long heads, long textDim, LayerFactory factory) {
        norm1 = LayerNorm.load(weights.child("norm1"), dim, EPSILON);
        attention1 = new HeadAttention(weights.child("attn1"), dim, heads, dim, factory);
        norm2 = LayerNorm.load(weights.child("norm2"), dim, EPSILON);
        attention2 =
                new HeadAttention(
                        weights.child("attn2"), dim, heads, textDim == 0 ? dim : textDim, factory);
        norm3 = LayerNorm.load(weights.child("norm3"), dim, EPSILON);
        up = factory.load(weights.child("ff.net.0.proj"), dim, 8 * dim, true);
        down = factory.load(weights.child("ff.net.2"), 4 * dim, dim, true);
        kernels = factory.kernels();
    }

    /**
     * Applies the block.
     *
     * @param x shape (batch, rows, dim)
     * @param text shape (texts, tokens, text dim), each for as many entries of the batch; null if
     *     there is none
     * @param positions added after the first two norms, shape (rows, dim); null for none
     */
    Tensor apply(Tensor x, @Nullable Tensor text, @Nullable Tensor positions) {
        return TensorScope.compute(
                () -> {
                    Tensor a = placed(norm1.apply(x), positions);
                    Tensor h = x.add(attention1.apply(a, a));
                    Tensor b = placed(norm2.apply(h), positions);
                    return fed(h.add(attention2.apply(b, text == null ? b : text)));
                });
    }

    /**
     * Applies the block where rows attend to those of the same place in other frames, by a kernel
     * for that ({@link PictureKernels#attendsFrames}).
     *
     * @param x shape (clips · frames, places, dim)
     * @param positions shape (clips · frames, 1, dim)
     */
    Tensor overFrames(Tensor x, long frames, Tensor positions) {
        return TensorScope.compute(
                () -> {
                    Tensor a = norm1.apply(x).add_(positions);
                    Tensor h = x.add(attention1.overFrames(a, frames, kernels));
                    Tensor b = norm2.apply(h).add_(positions);
                    return fed(h.add_(attention2.overFrames(b, frames, kernels)));
                });
    }

    private Tensor fed(Tensor x) {
        return TensorScope.compute(() -> x.add(down.apply(gated(norm3.apply(x)))));
    }

    /** Numbers of a head. */
    long head() {
        return attention1.split[1];
    }

    private static Tensor placed(Tensor x, @Nullable Tensor positions) {
        return positions == null ? x : x.add(positions);
    }

    private Tensor gated(Tensor x) {
        return TensorScope.compute(() -> kernels.gatedGelu(up.apply(x)));
    }

    /** Attention with several heads and without bias in queries, keys and values. */
    private static final class HeadAttention {
        private final long[] split;
        private final Linear query;
        private final Linear key;
        private final Linear value;
        private final Linear out;

        HeadAttention(Weights weights, long dim, long heads, long seen, LayerFactory factory) {
            split = new long[] {heads, dim / heads};
            query = factory.load(weights.child("to_q"), dim, dim, false);
            key = factory.load(weights.child("to_k"), seen, dim, false);
            value = factory.load(weights.child("to_v"), seen, dim, false);
            out = factory.load(weights.child("to_out.0"), dim, dim, true);
        }

        /** Every batch entry sees its own rows, or the entry of what is seen that is for it. */
        Tensor apply(Tensor x, Tensor seen) {
            return TensorScope.compute(
                    () -> {
                        Tensor q = heads(query.apply(x));
                        Tensor k = heads(key.apply(seen));
                        Tensor v = heads(value.apply(seen));
                        if (k.size(0) != q.size(0)) {
                            k = repeated(k, q.size(0) / k.size(0));
                            v = repeated(v, q.size(0) / v.size(0));
                        }
                        return out.apply(Attention.apply(q, k, v).transpose(1, 2).flatten(2, 3));
                    });
        }

        Tensor overFrames(Tensor x, long frames, PictureKernels kernels) {
            return TensorScope.compute(
                    () ->
                            out.apply(
                                    kernels.attendFrames(
                                            query.apply(x),
                                            key.apply(x),
                                            value.apply(x),
                                            frames,
                                            split[0])));
        }

        private static Tensor repeated(Tensor x, long times) {
            return x.size(0) == 1
                    ? x.expand(times, -1, -1, -1)
                    : x.unsqueeze(1).expand(-1, times, -1, -1, -1).flatten(0, 1);
        }

        private Tensor heads(Tensor x) {
            return x.unflatten(-1, split).transpose(1, 2);
        }
    }
}
