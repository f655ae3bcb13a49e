package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.CachedConv;
import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Norm, SiLU, convolution, twice, beside a shortcut. */
final class VaeResidualBlock implements VaeLayer {
    private final ChannelNorm norm1;
    private final CachedConv conv1;
    private final ChannelNorm norm2;
    private final CachedConv conv2;
    private final @Nullable CachedConv shortcut;
    private final VaeMath math;

    VaeResidualBlock(Weights weights, long in, long out, VaeMath math) {
        this.math = math;
        norm1 = ChannelNorm.load(weights.child("norm1"), in, 3, math);
        conv1 = CachedConv.load(weights.child("conv1"), in, out, 3, 3);
        norm2 = ChannelNorm.load(weights.child("norm2"), out, 3, math);
        conv2 = CachedConv.load(weights.child("conv2"), out, out, 3, 3);
        shortcut =
                in == out ? null : CachedConv.load(weights.child("conv_shortcut"), in, out, 1, 1);
    }

    @Override
    public int chunksBefore(long frames) {
        return conv1.chunksBefore(frames) + conv2.chunksBefore(frames);
    }

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        if (norm1.folds(x) && norm2.folds(x)) {
            return folded(x, cache);
        }
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.apply(norm1, x, cache);
                    Tensor g = conv2.apply(norm2, h, cache);
                    h.close();
                    return g.add_(shortcut == null ? x : shortcut.apply(x, cache));
                });
    }

    /** The same, with biases added where the next kernel reads what they belong to. */
    private Tensor folded(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.bare(norm1, x, null, cache);
                    Tensor g = conv2.bare(norm2, h, conv1.bias(), cache);
                    h.close();
                    return shortcut == null
                            ? math.pictures().add(g, x, conv2.bias())
                            : math.pictures()
                                    .add(g, shortcut.bare(x), conv2.bias().add(shortcut.bias()));
                });
    }
}
