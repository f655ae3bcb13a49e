package dev.reelrank.wan;

import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** A causal convolution that remembers the frames it looks back to. */
final class CachedConv {
    private final CausalConv3d conv;

    private CachedConv(CausalConv3d conv) {
        this.conv = conv;
    }

    static CachedConv load(Weights weights, long in, long out, long kernelFrames, long kernel) {
        return new CachedConv(CausalConv3d.load(weights, in, out, kernelFrames, kernel, 1));
    }

    Tensor apply(Tensor x, FrameCache cache) {
        if (conv.lookBack() == 0) {
            return conv.apply(x, null);
        }
        return TensorScope.compute(
                () -> {
                    Tensor y = conv.apply(x, cache.before(this));
                    cache.remember(this, x, conv.lookBack());
                    return y;
                });
    }
}
