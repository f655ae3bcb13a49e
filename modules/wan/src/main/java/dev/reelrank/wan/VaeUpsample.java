package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.CachedConv;
import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.DoublingConv;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Doubles rows and columns, and frames too where asked; the first frame stays one frame. */
final class VaeUpsample implements VaeLayer {
    private final long channels;
    private final DoublingConv conv;
    private final @Nullable CachedConv timeConv;

    VaeUpsample(Weights weights, long channels, long out, boolean temporal) {
        this.channels = channels;
        conv = DoublingConv.load(weights.child("resample.1"), channels, out);
        timeConv =
                temporal
                        ? CachedConv.load(weights.child("time_conv"), channels, 2 * channels, 3, 1)
                        : null;
    }

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> conv.apply(timeConv == null ? x : doubled(x, cache, timeConv)));
    }

    /** The first chunk passes, and is not remembered either: the second sees zeros before it. */
    private Tensor doubled(Tensor x, FrameCache cache, CachedConv time) {
        if (cache.isFirst(this)) {
            cache.remember(this, x.narrow(0, 0, 1).narrow(1, 0, 1), 1);
            return x;
        }
        Tensor pairs = time.apply(x, cache);
        return torch.stack(
                        new org.bytedeco.pytorch.TensorVector(
                                pairs.narrow(1, 0, channels), pairs.narrow(1, channels, channels)),
                        1)
                .flatten(0, 1)
                .contiguous(torch.MemoryFormat.ChannelsLast);
    }
}
