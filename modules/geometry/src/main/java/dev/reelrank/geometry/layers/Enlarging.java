package dev.reelrank.geometry.layers;

import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * The convolutions of dense heads that are not plain ones. Channels lie last in memory, as those of
 * {@link dev.reelrank.torch.Conv2d}: otherwise each would reorder its map before and after.
 */
public final class Enlarging {
    private static final long[] NONE = {0, 0};
    private static final long[] ONE = {1, 1};

    private Enlarging() {}

    /** A map in, a map out. */
    @FunctionalInterface
    public interface Layer {
        /** Shape (batch, channels, height, width) before and after. */
        Tensor apply(Tensor x);
    }

    /** Makes maps {@code times} as large by a transposed convolution. */
    public static Layer transposed(Weights weights, int channels, int times) {
        Tensor weight = channelsLast(weights, "weight", channels, channels, times, times);
        TensorOptional bias = optional(weights.parameters(), weights.take("bias", channels));
        long[] stride = {times, times};
        return x -> torch.conv_transpose2d(x, weight, bias, stride, NONE, NONE, 1, ONE);
    }

    /** A convolution of 3×3 without a bias. */
    public static Layer bare(Weights weights, String name, int out, int in) {
        Tensor weight = channelsLast(weights, name, out, in, 3, 3);
        TensorOptional none = optional(weights.parameters(), null);
        return x -> torch.conv2d(x, weight, none, ONE, ONE, ONE, 1);
    }

    private static Tensor channelsLast(Weights weights, String name, long... shape) {
        try (var scope = TensorScope.open()) {
            Tensor read = weights.read(name, weights.dtype(), shape);
            return weights.parameters().own(read.contiguous(MemoryFormat.ChannelsLast));
        }
    }

    private static TensorOptional optional(Parameters parameters, @Nullable Tensor tensor) {
        try (var scope = TensorScope.open()) {
            return parameters.own(
                    tensor == null ? new TensorOptional() : new TensorOptional(tensor));
        }
    }
}
