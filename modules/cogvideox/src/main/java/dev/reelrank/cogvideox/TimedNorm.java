package dev.reelrank.cogvideox;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RowKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * A layer norm whose scale, shift and gate come from the time: {@code (LN(x) w + b) (1 + scale) +
 * shift}, computed in float32.
 */
final class TimedNorm {
    private final Linear modulation;
    private final Tensor weight;
    private final Tensor bias;
    private final long dim;
    private final double epsilon;

    private TimedNorm(Linear modulation, Tensor weight, Tensor bias, long dim, double epsilon) {
        this.modulation = modulation;
        this.weight = weight;
        this.bias = bias;
        this.dim = dim;
        this.epsilon = epsilon;
    }

    /**
     * Loads {@code linear} (numbers · dim, time dim) and the affine {@code norm} (dim).
     *
     * @param numbers of each channel that come from the time
     */
    static TimedNorm load(Weights weights, CogTransformerConfig config, int numbers) {
        long dim = config.dim();
        return new TimedNorm(
                Linear.load(weights.child("linear"), config.timeDim(), numbers * dim, true),
                weights.take("norm.weight", DType.FLOAT32, dim),
                weights.take("norm.bias", DType.FLOAT32, dim),
                dim,
                config.epsilon());
    }

    /**
     * What the time says.
     *
     * @param time embedded time after SiLU, shape (1, time dim), float32
     * @param dtype of the modulation's weights
     * @return shape (numbers, dim), float32
     */
    Tensor numbers(Tensor time, DType dtype) {
        return TensorScope.compute(
                () -> Ops.to(modulation.apply(Ops.to(time, dtype)), DType.FLOAT32).view(-1, dim));
    }

    /**
     * The norm of hidden states.
     *
     * @param x shape (1, tokens, dim)
     * @param numbers as from {@link #numbers}
     * @param shift which of them is the shift; the next one is the scale
     */
    Tensor apply(Tensor x, Tensor numbers, long shift) {
        return TensorScope.compute(
                () -> {
                    var affine = affine(numbers, shift);
                    return torch.layer_norm(
                                    Ops.to(x, DType.FLOAT32),
                                    new long[] {dim},
                                    new TensorOptional(affine.factor()),
                                    new TensorOptional(affine.shift()),
                                    epsilon,
                                    false)
                            .to(x.scalar_type());
                });
    }

    /**
     * What the plain norm is multiplied with and what is added to it, of the open scope.
     *
     * @param numbers as from {@link #numbers}
     * @param shift which of them is the shift; the next one is the scale
     */
    RowKernels.Affine affine(Tensor numbers, long shift) {
        Tensor factor = Ops.add(numbers.select(0, shift + 1), 1);
        return new RowKernels.Affine(
                weight.mul(factor), bias.mul(factor).add(numbers.select(0, shift)), epsilon);
    }
}
