package dev.reelrank.cogvideox;

import dev.reelrank.torch.Activation;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RowKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A block of the transformer: text and video attend to each other, then a feed-forward layer. */
final class CogBlock {
    /** Of a norm's numbers: shift, scale and gate of the video, then those of the text. */
    private static final int NUMBERS = 6;

    private static final int TEXT = 3;
    private static final int GATE = 2;
    private static final double HEAD_EPSILON = 1e-6;

    private final Parameters parameters;
    private final DType dtype;
    private final long heads;
    private final TimedNorm norm1;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final LayerNorm queryNorm;
    private final LayerNorm keyNorm;
    private final TimedNorm norm2;
    private final Linear up;
    private final Linear down;

    /**
     * @param weights of this block, with parameters of its own
     * @param adapters LoRAs beside the linear layers
     */
    CogBlock(
            Weights weights,
            CogTransformerConfig config,
            LinearFormat format,
            LinearAdapters adapters) {
        parameters = weights.parameters();
        dtype = weights.dtype();
        heads = config.heads();
        long dim = config.dim();
        boolean bias = config.attentionBias();
        var attention = weights.child("attn1");
        norm1 = TimedNorm.load(weights.child("norm1"), config, NUMBERS);
        query = linear(attention.child("to_q"), dim, dim, bias, format, adapters);
        key = linear(attention.child("to_k"), dim, dim, bias, format, adapters);
        value = linear(attention.child("to_v"), dim, dim, bias, format, adapters);
        out = linear(attention.child("to_out.0"), dim, dim, true, format, adapters);
        queryNorm = LayerNorm.load(attention.child("norm_q"), config.headDim(), HEAD_EPSILON);
        keyNorm = LayerNorm.load(attention.child("norm_k"), config.headDim(), HEAD_EPSILON);
        norm2 = TimedNorm.load(weights.child("norm2"), config, NUMBERS);
        up = linear(weights.child("ff.net.0.proj"), dim, 4 * dim, true, format, adapters);
        down = linear(weights.child("ff.net.2"), 4 * dim, dim, true, format, adapters);
    }

    private static Linear linear(
            Weights weights,
            long in,
            long out,
            boolean bias,
            LinearFormat format,
            LinearAdapters adapters) {
        return adapters.beside(Linear.load(weights, in, out, bias, format), weights);
    }

    Parameters parameters() {
        return parameters;
    }

    /**
     * Applies the block.
     *
     * @param text shape (1, rows, dim)
     * @param video shape (1, tokens, dim)
     * @param time embedded time after SiLU
     * @return text and video
     */
    Tensor[] apply(Tensor text, Tensor video, Tensor time, Positions positions) {
        return TensorScope.computeAll(
                () -> {
                    Tensor seen = norm1.numbers(time, dtype);
                    Tensor[] attended =
                            gated(
                                    text,
                                    video,
                                    attend(joined(norm1, text, video, seen), positions),
                                    seen);
                    Tensor thought = norm2.numbers(time, dtype);
                    Tensor normed = joined(norm2, attended[0], attended[1], thought);
                    return gated(
                            attended[0], attended[1], down.apply(up.applyGelu(normed)), thought);
                });
    }

    /**
     * The same by kernels of a GPU, without gradients; text and video are overwritten.
     *
     * @param text contiguous, as video
     */
    Tensor[] apply(RowKernels rows, Tensor text, Tensor video, Tensor time, Positions positions) {
        Tensor[] state = {text, video};
        TensorScope.run(
                () -> {
                    Tensor seen = norm1.numbers(time, dtype);
                    Tensor y =
                            attend(rows, normed(rows, norm1, state, null, null, seen), positions);
                    Tensor thought = norm2.numbers(time, dtype);
                    Activation told = normed(rows, norm2, state, y, seen, thought);
                    y.close();
                    Activation wide = rows.gelu(told, up);
                    told.release();
                    Tensor z = wide.through(down);
                    wide.release();
                    long from = 0;
                    for (int i = 0; i < state.length; i++) {
                        long count = state[i].size(1);
                        rows.gated(state[i], z.narrow(1, from, count), gate(thought, i));
                        from += count;
                    }
                });
        return state;
    }

    /** Of text (0) or video (1). */
    private static Tensor gate(Tensor numbers, int part) {
        return numbers.select(0, part == 0 ? TEXT + GATE : GATE);
    }

    /**
     * The norm of both, the text first, after what was made of both is added by its gates.
     *
     * @param made null if nothing is to be added
     * @param gates numbers whose gates are meant; null if nothing is to be added
     */
    private static Activation normed(
            RowKernels rows,
            TimedNorm norm,
            Tensor[] state,
            @Nullable Tensor made,
            @Nullable Tensor gates,
            Tensor numbers) {
        Activation out = rows.empty(state[0].size(1) + state[1].size(1));
        long from = 0;
        for (int i = 0; i < state.length; i++) {
            long count = state[i].size(1);
            rows.norm(
                    state[i],
                    made == null ? null : made.narrow(1, from, count),
                    gates == null ? null : gate(gates, i),
                    norm.affine(numbers, i == 0 ? TEXT : 0),
                    out.narrow(from, count));
            from += count;
        }
        return out;
    }

    private Tensor attend(RowKernels rows, Activation x, Positions positions) {
        return TensorScope.compute(
                () -> {
                    Tensor q = x.through(query);
                    Tensor k = x.through(key);
                    Tensor v = x.through(value);
                    x.release();
                    rows.layerNormHeads(q, queryNorm, k, keyNorm, positions.cos(), positions.sin());
                    Tensor[] heads = {split(q), split(k), split(v)};
                    for (Tensor whole : new Tensor[] {q, k, v}) {
                        whole.close();
                    }
                    return rows.attention(heads[0], heads[1], heads[2]).through(out);
                });
    }

    /** The norm of both, the text first. */
    private static Tensor joined(TimedNorm norm, Tensor text, Tensor video, Tensor numbers) {
        return TensorScope.compute(
                () -> Ops.cat(1, norm.apply(text, numbers, TEXT), norm.apply(video, numbers, 0)));
    }

    private Tensor attend(Tensor x, Positions positions) {
        return TensorScope.compute(
                () -> {
                    Tensor q = positions.rotate(queryNorm.apply(split(query.apply(x))));
                    Tensor k = positions.rotate(keyNorm.apply(split(key.apply(x))));
                    Tensor seen = Attention.apply(q, k, split(value.apply(x)));
                    return out.apply(seen.transpose(1, 2).flatten(2, 3));
                });
    }

    private Tensor split(Tensor x) {
        return x.unflatten(-1, new long[] {heads, x.size(-1) / heads}).transpose(1, 2);
    }

    /** Adds what was made of both, each by its gates. */
    private static Tensor[] gated(Tensor text, Tensor video, Tensor made, Tensor numbers) {
        long rows = text.size(1);
        return TensorScope.computeAll(
                () ->
                        new Tensor[] {
                            sum(text, made.narrow(1, 0, rows), numbers.select(0, TEXT + GATE)),
                            sum(video, made.narrow(1, rows, video.size(1)), numbers.select(0, GATE))
                        });
    }

    private static Tensor sum(Tensor x, Tensor y, Tensor gate) {
        return torch.addcmul(x, y, gate.to(x.scalar_type()));
    }
}
