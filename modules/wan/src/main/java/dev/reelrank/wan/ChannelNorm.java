package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.SiluNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** One norm of the VAE, with its gamma. */
final class ChannelNorm implements SiluNorm {
    private final Tensor gamma;
    private final VaeMath math;

    private ChannelNorm(Tensor gamma, VaeMath math) {
        this.gamma = gamma;
        this.math = math;
    }

    /**
     * Loads {@code gamma}.
     *
     * @param trailing lengths of 1 that its stored shape has after the channels
     */
    static ChannelNorm load(Weights weights, long channels, int trailing, VaeMath math) {
        long[] stored = new long[1 + trailing];
        Arrays.fill(stored, 1);
        stored[0] = channels;
        try (var scope = TensorScope.open()) {
            Tensor gamma = weights.read("gamma", weights.dtype(), stored).reshape(channels);
            return new ChannelNorm(weights.parameters().own(gamma.contiguous()), math);
        }
    }

    /** Shape (frames, channels, height, width), channels last in memory, as x. */
    Tensor apply(Tensor x) {
        return math.norm(x, gamma);
    }

    /** Followed by x · sigmoid(x). */
    @Override
    public Tensor silu(Tensor x) {
        return math.normSilu(x, gamma);
    }

    /** The same into a part of a larger tensor, where {@link #writesAnywhere}. */
    @Override
    public void silu(Tensor x, @Nullable Tensor before, Tensor out) {
        math.normSilu(x, before, gamma, out);
    }

    @Override
    public boolean folds(Tensor like) {
        return math.pictures().adds(like, gamma.size(0));
    }

    @Override
    public boolean writesAnywhere(Tensor x) {
        return math.fused(x);
    }
}
