package dev.reelrank.torch;

import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Root mean square normalisation over the last dimension, {@code x / sqrt(mean(x²) + ε) * weight},
 * with the mean in float32 or wider.
 */
public final class RmsNorm {
    private final long[] shape;
    private final Tensor weight;
    private final TensorOptional optional;
    private final double value;
    private final DoubleOptional epsilon;

    private RmsNorm(Tensor weight, TensorOptional optional, double value, DoubleOptional epsilon) {
        this.shape = weight.shape();
        this.weight = weight;
        this.optional = optional;
        this.value = value;
        this.epsilon = epsilon;
    }

    /** Loads {@code weight} (dim). */
    public static RmsNorm load(Weights weights, long dim, double epsilon) {
        return load(weights, "weight", dim, epsilon);
    }

    /** Loads the scale under another name, shape (dim). */
    public static RmsNorm load(Weights weights, String name, long dim, double epsilon) {
        Tensor weight = weights.take(name, dim);
        try (var scope = TensorScope.open()) {
            return new RmsNorm(
                    weight,
                    Layers.some(weights.parameters(), weight),
                    epsilon,
                    weights.parameters().own(new DoubleOptional(epsilon)));
        }
    }

    /** The scale, shape (dim). */
    public Tensor weight() {
        return weight;
    }

    /** What is added to the mean square. */
    public double epsilon() {
        return value;
    }

    /** Shape and type as x. */
    public Tensor apply(Tensor x) {
        return torch.rms_norm(x, shape, optional, epsilon);
    }
}
