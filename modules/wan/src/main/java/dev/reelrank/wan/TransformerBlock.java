package dev.reelrank.wan;

import dev.reelrank.torch.Activation;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.LinearAdapters;
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
    private final @Nullable SparseLinear sparseLinear;
    private final BlockMath.Affine crossAffine;
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
        static Projections load(
                Weights weights,
                TransformerConfig config,
                LinearFormat format,
                LinearAdapters adapters) {
            long dim = config.dim();
            return new Projections(
                    linear(weights.child("to_q"), dim, dim, format, adapters),
                    linear(weights.child("to_k"), dim, dim, format, adapters),
                    linear(weights.child("to_v"), dim, dim, format, adapters),
                    linear(weights.child("to_out.0"), dim, dim, format, adapters),
                    RmsNorm.load(weights.child("norm_q"), dim, config.epsilon()),
                    RmsNorm.load(weights.child("norm_k"), dim, config.epsilon()));
        }
    }

    TransformerBlock(
            Weights weights,
            TransformerConfig config,
            LinearFormat format,
            LinearAdapters adapters,
            BlockMath math) {
        this.config = config;
        this.math = math;
        this.parameters = weights.parameters();
        long dim = config.dim();
        table = weights.take("scale_shift_table", DType.FLOAT32, 1, 6, dim);
        self = Projections.load(weights.child("attn1"), config, format, adapters);
        sparseLinear =
                config.distillation() == Distillation.SPARSE_LINEAR
                        ? SparseLinear.load(weights.child("attn1.proj_l"), config.headDim())
                        : null;
        cross = Projections.load(weights.child("attn2"), config, format, adapters);
        crossAffine = crossAffine(weights);
        up = linear(weights.child("ffn.net.0.proj"), dim, config.ffnDim(), format, adapters);
        down = linear(weights.child("ffn.net.2"), config.ffnDim(), dim, format, adapters);
    }

    private static Linear linear(
            Weights weights, long in, long out, LinearFormat format, LinearAdapters adapters) {
        return adapters.beside(Linear.load(weights, in, out, true, format), weights);
    }

    /** Of the norm before the cross-attention; without one, of no effect. */
    private BlockMath.Affine crossAffine(Weights weights) {
        long dim = config.dim();
        if (config.crossNorm()) {
            return new BlockMath.Affine(
                    weights.take("norm2.weight", DType.FLOAT32, dim),
                    weights.take("norm2.bias", DType.FLOAT32, dim),
                    config.epsilon());
        }
        try (var scope = TensorScope.open()) {
            Tensor zeros = Ops.zeros(weights.device(), DType.FLOAT32, dim);
            return new BlockMath.Affine(
                    parameters.own(Ops.add(zeros, 1)), parameters.own(zeros), config.epsilon());
        }
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
            var made = temporaryKeyValue(text);
            made.key().retainReference();
            made.value().retainReference();
            return made;
        }
    }

    private ExpertInput.KeyValue temporaryKeyValue(Tensor text) {
        Tensor rows = text.unsqueeze(0);
        return new ExpertInput.KeyValue(
                math.heads(cross.key.apply(rows), cross.keyNorm, config.heads()).contiguous(),
                BlockMath.split(cross.value.apply(rows), config.heads()).contiguous());
    }

    /**
     * The same as {@link #apply}, with keys and values of the prompt made again: they change with
     * adapters in training.
     *
     * @param text shape (text tokens, dim)
     */
    Tensor applyToText(
            Tensor x, Modulation modulation, RotaryTable rotary, Tensor text, long padded) {
        return TensorScope.compute(
                () ->
                        apply(
                                x,
                                modulation,
                                rotary,
                                temporaryKeyValue(text),
                                padded,
                                Sparsity.DEFAULT));
    }

    /**
     * Applies the block.
     *
     * @param x shape (1, tokens, dim)
     * @param modulation of the timestep
     * @param prompt of this block
     * @param padded rows of the prompt that its last key stands for, at least 1
     * @param sparsity what self-attention computes
     * @return shape and type of x
     */
    Tensor apply(
            Tensor x,
            Modulation modulation,
            RotaryTable rotary,
            ExpertInput.KeyValue prompt,
            long padded,
            Sparsity sparsity) {
        return TensorScope.compute(
                () -> {
                    var m = modulation.plus(table.squeeze(0));
                    // What is large is freed as soon as it is used up, not at the end.
                    Tensor y =
                            selfAttention(
                                    math.norm(x, m.affine(0, 1, config.epsilon())),
                                    rotary,
                                    sparsity);
                    var attended = math.residualNorm(x, y, m.gate(2), crossAffine);
                    y.close();
                    Activation input =
                            config.crossNorm() ? attended.norm() : math.input(attended.x());
                    y = crossAttention(input, prompt, padded);
                    // Without a norm the input may be the hidden states themselves.
                    if (config.crossNorm()) {
                        input.release();
                    }
                    var told =
                            math.residualNorm(
                                    attended.x(), y, null, m.affine(3, 4, config.epsilon()));
                    y.close();
                    Tensor z = TensorScope.compute(() -> feedForward(told.norm()));
                    return math.residual(told.x(), z, m.gate(5));
                });
    }

    private Tensor feedForward(Activation n) {
        Activation wide = math.gelu(n, up);
        n.release();
        return wide.through(down);
    }

    private Tensor selfAttention(Activation n, RotaryTable rotary, Sparsity sparsity) {
        return TensorScope.compute(
                () -> {
                    Tensor query = n.through(self.query);
                    Tensor key = n.through(self.key);
                    Tensor value = n.through(self.value);
                    n.release();
                    Tensor[] heads =
                            math.heads(
                                    query,
                                    self.queryNorm,
                                    key,
                                    self.keyNorm,
                                    config.heads(),
                                    rotary);
                    query.close();
                    key.close();
                    Activation seen = attended(heads, value, sparsity);
                    return seen.through(self.out);
                });
    }

    private Activation attended(Tensor[] heads, Tensor value, Sparsity sparsity) {
        if (sparseLinear == null && sparsity.isDense()) {
            sparsity.countDense(config.heads(), value.size(1));
            return math.attention(heads, value);
        }
        Tensor values = BlockMath.split(value, config.heads());
        Tensor seen =
                sparseLinear != null
                        ? sparseLinear.apply(math, heads[0], heads[1], values, sparsity)
                        : sparsity.apply(math, heads[0], heads[1], values);
        heads[0].close();
        heads[1].close();
        return math.input(BlockMath.merge(seen));
    }

    private Tensor crossAttention(Activation n, ExpertInput.KeyValue prompt, long padded) {
        return TensorScope.compute(
                () -> {
                    Tensor query =
                            math.heads(n.through(cross.query), cross.queryNorm, config.heads());
                    Tensor seen = BlockMath.merge(attendToPrompt(query, prompt, padded));
                    return math.input(seen).through(cross.out);
                });
    }

    /**
     * A padding row that represents many has the attention weight of all of them: on the CPU by the
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
        bonus[bonus.length - 1] = (float) Math.log((double) padded);
        Tensor mask =
                Ops.tensor(bonus, 1, 1, 1, bonus.length)
                        .to(query)
                        .expand(1, 1, query.size(2), bonus.length);
        return Attention.apply(
                query,
                prompt.key(),
                prompt.value(),
                mask,
                1 / Math.sqrt((double) config.headDim()));
    }

    private static Tensor repeated(Tensor x, long padded) {
        long rows = x.size(2);
        Tensor last = x.narrow(2, rows - 1, 1);
        return torch.cat(
                new org.bytedeco.pytorch.TensorVector(
                        x, last.expand(x.size(0), x.size(1), padded - 1, x.size(3))),
                2);
    }
}
