package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Layer normalisation over the last dimension, computed in the input's type. */
public final class LayerNorm {
    private final long[] shape;
    private final TensorOptional weight;
    private final TensorOptional bias;
    private final double epsilon;

    private LayerNorm(long dim, TensorOptional weight, TensorOptional bias, double epsilon) {
        this.shape = new long[] {dim};
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    /** With the affine {@code weight} and {@code bias}, both (dim). */
    public static LayerNorm load(Weights weights, long dim, double epsilon) {
        return new LayerNorm(
                dim,
                Layers.optional(weights, "weight", true, dim),
                Layers.optional(weights, "bias", true, dim),
                epsilon);
    }

    /** Without affine parameters. */
    public static LayerNorm plain(Parameters parameters, long dim, double epsilon) {
        return new LayerNorm(dim, Layers.none(parameters), Layers.none(parameters), epsilon);
    }

    /** The weight, of the open scope; only of a norm that has one. */
    public Tensor weight() {
        return weight.get();
    }

    /** The bias, of the open scope; only of a norm that has one. */
    public Tensor bias() {
        return bias.get();
    }

    /** What is added to the variance. */
    public double epsilon() {
        return epsilon;
    }

    /** Shape and type as x. */
    public Tensor apply(Tensor x) {
        return torch.layer_norm(x, shape, weight, bias, epsilon, false);
    }
}
