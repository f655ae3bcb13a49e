package dev.reelrank.diffusion.vae;

import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A causal convolution that remembers the frames it looks back to. */
public final class CachedConv {
    private final CausalConv3d conv;

    private CachedConv(CausalConv3d conv) {
        this.conv = conv;
    }

    public static CachedConv load(
            Weights weights, long in, long out, long kernelFrames, long kernel) {
        return new CachedConv(CausalConv3d.load(weights, in, out, kernelFrames, kernel, 1));
    }

    /** As {@link VaeLayer#chunksBefore}. */
    public int chunksBefore(long frames) {
        return (int) ((conv.lookBack() + frames - 1) / frames);
    }

    public Tensor apply(Tensor x, FrameCache cache) {
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

    /** Of the input's norm and SiLU. */
    public Tensor apply(SiluNorm norm, Tensor x, FrameCache cache) {
        if (!norm.writesAnywhere(x)) {
            return TensorScope.compute(() -> apply(norm.silu(x), cache));
        }
        return TensorScope.compute(() -> conv.valid(joined(norm, x, null, cache)));
    }

    /**
     * As {@link #apply(SiluNorm, Tensor, FrameCache)}, but without the {@link #bias}, where the
     * norm {@link SiluNorm#writesAnywhere}.
     *
     * @param before a number for each channel, added to x before the norm; null for none
     */
    public Tensor bare(SiluNorm norm, Tensor x, @Nullable Tensor before, FrameCache cache) {
        return TensorScope.compute(() -> conv.bare(joined(norm, x, before, cache)));
    }

    /** Of a kernel without frames before it. */
    public Tensor bare(Tensor x) {
        return conv.bare(x);
    }

    /** Shape (out). */
    public Tensor bias() {
        return conv.bias();
    }

    /** The norm is written behind the remembered frames, which saves joining them. */
    private Tensor joined(SiluNorm norm, Tensor x, @Nullable Tensor bias, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    long past = conv.lookBack();
                    long frames = x.size(0);
                    Tensor joined =
                            torch.empty(
                                            new long[] {
                                                past + frames, x.size(2), x.size(3), x.size(1)
                                            },
                                            x.options(),
                                            new MemoryFormatOptional())
                                    .permute(0, 3, 1, 2);
                    Tensor before = cache.before(this);
                    if (before == null) {
                        joined.narrow(0, 0, past).zero_();
                    } else {
                        joined.narrow(0, 0, past).copy_(before);
                    }
                    norm.silu(x, bias, joined.narrow(0, past, frames));
                    cache.remember(this, joined, past);
                    return joined;
                });
    }
}
