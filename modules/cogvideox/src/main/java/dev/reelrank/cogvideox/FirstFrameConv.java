package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.SiluNorm;
import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.Arrays;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** A causal convolution that sees the first frame of a video repeated before it. */
final class FirstFrameConv {
    private static final int KERNEL = 3;

    private final CausalConv3d conv;

    private FirstFrameConv(CausalConv3d conv) {
        this.conv = conv;
    }

    static FirstFrameConv load(Weights weights, long in, long out) {
        return new FirstFrameConv(
                CausalConv3d.load(weights.child("conv"), in, out, KERNEL, KERNEL, 1));
    }

    /** Shapes (frames, channels, height, width). */
    Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor before = cache.before(this);
                    Tensor joined = before == null ? repeated(x) : Ops.cat(0, before, x);
                    cache.remember(this, joined, conv.lookBack());
                    return conv.valid(joined);
                });
    }

    /** Of the input's norm and SiLU. */
    Tensor apply(SiluNorm norm, Tensor x, FrameCache cache) {
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
    Tensor bare(SiluNorm norm, Tensor x, @Nullable Tensor before, FrameCache cache) {
        return TensorScope.compute(() -> conv.bare(joined(norm, x, before, cache)));
    }

    /** Shape (out). */
    Tensor bias() {
        return conv.bias();
    }

    /** The norm is written behind the frames before it, which saves joining them. */
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
                    norm.silu(x, bias, joined.narrow(0, past, frames));
                    Tensor before = cache.before(this);
                    joined.narrow(0, 0, past)
                            .copy_(before == null ? joined.narrow(0, past, 1) : before);
                    cache.remember(this, joined, past);
                    return joined;
                });
    }

    private Tensor repeated(Tensor x) {
        var parts = new Tensor[(int) conv.lookBack() + 1];
        Arrays.fill(parts, x.narrow(0, 0, 1));
        parts[parts.length - 1] = x;
        return Ops.cat(0, parts);
    }
}
