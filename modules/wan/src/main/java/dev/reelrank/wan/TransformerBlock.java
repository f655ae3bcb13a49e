package dev.reelrank.wan;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * One block: self-attention and feed-forward, each modulated by the timestep (shift, scale and
 * gate), with cross-attention to the prompt between them.
 */
final class TransformerBlock {
    private final TransformerConfig config;
    private final BlockMath math;
    private final Parameters parameters;
    private final Tensor table;
    private final Projections self;
    private final @Nullable Tensor crossNormWeight;
    private final @Nullable Tensor crossNormBias;
    private final Projections cross;
    private final Linear up;
    private final Linear down;

    /** The four projections of an attention and its query and key norms. */
    private record Projections(
            Linear query,
            Linear key,
            Linear value,
            Linear out,
            RmsNorm queryNorm,
            RmsNorm keyNorm) {
        static Projections load(Weights weights, TransformerConfig config, LinearFormat format) {
            long dim = config.dim();
            return new Projections(
                    Linear.load(weights.child("to_q"), dim, dim, true, format),
                    Linear.load(weights.child("to_k"), dim, dim, true, format),
                    Linear.load(weights.child("to_v"), dim, dim, true, format),
                    Linear.load(weights.child("to_out.0"), dim, dim, true, format),
                    RmsNorm.load(weights.child("norm_q"), dim, config.epsilon()),
                    RmsNorm.load(weights.child("norm_k"), dim, config.epsilon()));
        }
    }

    TransformerBlock(
            Weights weights, TransformerConfig config, LinearFormat format, BlockMath math) {
        this.config = config;
        this.math = math;
        this.parameters = weights.parameters();
        long dim = config.dim();
        table = weights.take("scale_shift_table", DType.FLOAT32, 1, 6, dim);
        self = Projections.load(weights.child("attn1"), config, format);
        cross = Projections.load(weights.child("attn2"), config, format);
        crossNormWeight =
                config.crossNorm() ? weights.take("norm2.weight", DType.FLOAT32, dim) : null;
        crossNormBias = config.crossNorm() ? weights.take("norm2.bias", DType.FLOAT32, dim) : null;
        up = Linear.load(weights.child("ffn.net.0.proj"), dim, config.ffnDim(), true, format);
        down = Linear.load(weights.child("ffn.net.2"), config.ffnDim(), dim, true, format);
    }

    /** The block's own weights: they can be moved apart from the others'. */
    Parameters parameters() {
        return parameters;
    }

    /**
     * Keys and values of the prompt, kept by the caller.
     *
     * @param text shape (tokens, dim)
     */
    ExpertInput.KeyValue keyValue(Tensor text) {
        try (var scope = TensorScope.open()) {
            Tensor rows = text.unsqueeze(0);
            Tensor key =
                    math.heads(cross.key.apply(rows), cross.keyNorm, config.heads(), null)
                            .contiguous();
            Tensor value =
                    cross.value
                            .apply(rows)
                            .unflatten(-1, new long[] {config.heads(), config.headDim()})
                            .transpose(1, 2)
                            .contiguous();
            key.retainReference();
            value.retainReference();
            return new ExpertInput.KeyValue(key, value);
        }
    }

    /**
     * @param x shape (1, tokens, dim)
     * @param modulation shape (6, dim), float32, of the timestep
     * @param prompt of this block
     * @param padded rows of the prompt that its last key stands for, at least 1
     * @return shape and type of x
     */
    Tensor apply(
            Tensor x,
            Tensor modulation,
            RotaryTable rotary,
            ExpertInput.KeyValue prompt,
            long padded) {
        return TensorScope.compute(
                () -> {
                    Tensor m = table.squeeze(0).add(modulation);
                    Tensor attended = math.residual(x, selfAttention(x, m, rotary), m.select(0, 2));
                    Tensor told =
                            math.residual(attended, crossAttention(attended, prompt, padded), null);
                    return math.residual(told, feedForward(told, m), m.select(0, 5));
                });
    }

    private Tensor selfAttention(Tensor x, Tensor m, RotaryTable rotary) {
        return TensorScope.compute(
                () -> {
                    Tensor n =
                            math.norm(
                                    x,
                                    Ops.add(m.select(0, 1), 1),
                                    m.select(0, 0),
                                    config.epsilon());
                    Tensor query =
                            math.heads(self.query.apply(n), self.queryNorm, config.heads(), rotary);
                    Tensor key =
                            math.heads(self.key.apply(n), self.keyNorm, config.heads(), rotary);
                    Tensor value =
                            self.value
                                    .apply(n)
                                    .unflatten(-1, new long[] {config.heads(), config.headDim()})
                                    .transpose(1, 2);
                    return merged(self.out, Attention.apply(query, key, value));
                });
    }

    private Tensor crossAttention(Tensor x, ExpertInput.KeyValue prompt, long padded) {
        return TensorScope.compute(
                () -> {
                    Tensor n =
                            crossNormWeight == null || crossNormBias == null
                                    ? x
                                    : math.norm(
                                            x, crossNormWeight, crossNormBias, config.epsilon());
                    Tensor query =
                            math.heads(cross.query.apply(n), cross.queryNorm, config.heads(), null);
                    return merged(cross.out, attendToPrompt(query, prompt, padded));
                });
    }

    /**
     * A row of padding that stands for many is attended to as often as they are: on the CPU by the
     * logarithm of their number added to its score, on a GPU, whose fast kernels take no mask, by
     * repeating it.
     */
    private Tensor attendToPrompt(Tensor query, ExpertInput.KeyValue prompt, long padded) {
        if (padded <= 1) {
            return Attention.apply(query, prompt.key(), prompt.value());
        }
        if (query.is_cuda()) {
            return Attention.apply(
                    query, repeated(prompt.key(), padded), repeated(prompt.value(), padded));
        }
        float[] bonus = new float[(int) prompt.key().size(2)];
        bonus[bonus.length - 1] = (float) Math.log(padded);
        Tensor mask =
                Ops.tensor(bonus, 1, 1, 1, bonus.length)
                        .to(query)
                        .expand(1, 1, query.size(2), bonus.length);
        return Attention.apply(
                query, prompt.key(), prompt.value(), mask, 1 / Math.sqrt(config.headDim()));
    }

    private static Tensor repeated(Tensor x, long padded) {
        long rows = x.size(2);
        Tensor last = x.narrow(2, rows - 1, 1);
        return torch.cat(
                new org.bytedeco.pytorch.TensorVector(
                        x, last.expand(x.size(0), x.size(1), padded - 1, x.size(3))),
                2);
    }

    private static Tensor merged(Linear out, Tensor heads) {
        return out.apply(heads.transpose(1, 2).flatten(2, 3));
    }

    private Tensor feedForward(Tensor x, Tensor m) {
        return TensorScope.compute(
                () ->
                        down.apply(
                                math.gelu(
                                        up.apply(
                                                math.norm(
                                                        x,
                                                        Ops.add(m.select(0, 4), 1),
                                                        m.select(0, 3),
                                                        config.epsilon())))));
    }
}
