package dev.reelrank.geometry.met3r;

import dev.reelrank.geometry.layers.RotaryGrid;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** A decoder block of DUSt3R: a view looks at itself, then at the other view, then an MLP. */
final class PairBlock {
    private static final double EPSILON = 1e-6;

    private final int heads;
    private final LayerNorm beforeSelf;
    private final LayerNorm beforeCross;
    private final LayerNorm beforeMlp;
    private final LayerNorm other;
    private final Linear qkv;
    private final Linear selfOut;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear crossOut;
    private final Linear up;
    private final Linear down;

    PairBlock(Weights weights, int dim, int heads) {
        this.heads = heads;
        beforeSelf = LayerNorm.load(weights.child("norm1"), dim, EPSILON);
        beforeCross = LayerNorm.load(weights.child("norm2"), dim, EPSILON);
        beforeMlp = LayerNorm.load(weights.child("norm3"), dim, EPSILON);
        other = LayerNorm.load(weights.child("norm_y"), dim, EPSILON);
        qkv = Linear.load(weights.child("attn.qkv"), dim, 3L * dim, true);
        selfOut = Linear.load(weights.child("attn.proj"), dim, dim, true);
        Weights cross = weights.child("cross_attn");
        query = Linear.load(cross.child("projq"), dim, dim, true);
        key = Linear.load(cross.child("projk"), dim, dim, true);
        value = Linear.load(cross.child("projv"), dim, dim, true);
        crossOut = Linear.load(cross.child("proj"), dim, dim, true);
        up = Linear.load(weights.child("mlp.fc1"), dim, 4L * dim, true);
        down = Linear.load(weights.child("mlp.fc2"), 4L * dim, dim, true);
    }

    /**
     * Applies the block.
     *
     * @param x tokens of this view, shape (1, tokens, dim)
     * @param y tokens of the other view as they were before its block, shape as x
     * @param positions of the tokens of either view
     * @return shape as x
     */
    Tensor apply(Tensor x, Tensor y, RotaryGrid positions) {
        return TensorScope.compute(
                () -> {
                    Tensor parts = qkv.apply(beforeSelf.apply(x));
                    long dim = x.size(2);
                    Tensor alone =
                            x.add(
                                    selfOut.apply(
                                            seen(
                                                    parts.narrow(2, 0, dim),
                                                    parts.narrow(2, dim, dim),
                                                    parts.narrow(2, 2 * dim, dim),
                                                    positions)));
                    Tensor memory = other.apply(y);
                    Tensor both =
                            alone.add(
                                    crossOut.apply(
                                            seen(
                                                    query.apply(beforeCross.apply(alone)),
                                                    key.apply(memory),
                                                    value.apply(memory),
                                                    positions)));
                    return both.add(down.apply(Ops.geluExact(up.apply(beforeMlp.apply(both)))));
                });
    }

    private Tensor seen(Tensor query, Tensor key, Tensor value, RotaryGrid positions) {
        return Attention.apply(
                        positions.apply(split(query)), positions.apply(split(key)), split(value))
                .transpose(1, 2)
                .flatten(2, 3);
    }

    private Tensor split(Tensor x) {
        return x.reshape(x.size(0), x.size(1), heads, x.size(2) / heads).transpose(1, 2);
    }
}
