package dev.reelrank.wan;

import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The VAE's normalisation: each position's channels to length sqrt(channels), times gamma. That is
 * root mean square normalisation without an epsilon, so an epsilon far below any float32 square is
 * used.
 */
final class ChannelNorm {
    private static final double NEARLY_ZERO = 1e-30;

    private final long[] shape;
    private final TensorOptional gamma;
    private final DoubleOptional epsilon;

    private ChannelNorm(long channels, TensorOptional gamma, DoubleOptional epsilon) {
        this.shape = new long[] {channels};
        this.gamma = gamma;
        this.epsilon = epsilon;
    }

    /**
     * Loads {@code gamma}.
     *
     * @param trailing lengths of 1 that its stored shape has after the channels
     */
    static ChannelNorm load(Weights weights, long channels, int trailing) {
        long[] stored = new long[1 + trailing];
        java.util.Arrays.fill(stored, 1);
        stored[0] = channels;
        try (var scope = TensorScope.open()) {
            Tensor gamma = weights.read("gamma", weights.dtype(), stored).reshape(channels);
            var parameters = weights.parameters();
            parameters.own(gamma);
            return new ChannelNorm(
                    channels,
                    parameters.own(new TensorOptional(gamma)),
                    parameters.own(new DoubleOptional(NEARLY_ZERO)));
        }
    }

    /** Shape (frames, channels, height, width), channels last in memory, as x. */
    Tensor apply(Tensor x) {
        return torch.rms_norm(x.permute(0, 2, 3, 1), shape, gamma, epsilon).permute(0, 3, 1, 2);
    }

    /** Followed by x · sigmoid(x). */
    Tensor silu(Tensor x) {
        return torch.silu_(apply(x));
    }
}
