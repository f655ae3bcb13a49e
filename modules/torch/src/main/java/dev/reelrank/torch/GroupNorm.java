package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Group normalisation: the channels are split into groups, each of which is normalised over its
 * channels and all positions, then scaled and shifted per channel.
 */
public final class GroupNorm {
    private final long groups;
    private final TensorOptional weight;
    private final TensorOptional bias;
    private final double epsilon;

    private GroupNorm(long groups, TensorOptional weight, TensorOptional bias, double epsilon) {
        this.groups = groups;
        this.weight = weight;
        this.bias = bias;
        this.epsilon = epsilon;
    }

    /**
     * Loads {@code weight} and {@code bias}, both (channels).
     *
     * @param groups divides channels
     */
    public static GroupNorm load(Weights weights, long groups, long channels, double epsilon) {
        return new GroupNorm(
                groups,
                Layers.optional(weights, "weight", true, channels),
                Layers.optional(weights, "bias", true, channels),
                epsilon);
    }

    /**
     * Applies the layer.
     *
     * @param x shape (batch, channels, …)
     * @return shape and type as x
     */
    public Tensor apply(Tensor x) {
        return torch.group_norm(x, groups, weight, bias, epsilon, true);
    }
}
