package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Halves rows and columns, and frames too where asked; the first frame stays one frame. */
final class VaeDownsample implements VaeLayer {
    private static final long[] RIGHT_AND_BOTTOM = {0, 1, 0, 1};

    private final Conv2d conv;
    private final @Nullable CausalConv3d timeConv;

    VaeDownsample(Weights weights, long channels, boolean temporal) {
        conv = Conv2d.load(weights.child("resample.1"), channels, channels, 3, 2, 0);
        timeConv =
                temporal
                        ? CausalConv3d.load(weights.child("time_conv"), channels, channels, 3, 1, 2)
                        : null;
    }

    @Override
    public int chunksBefore(long frames) {
        return timeConv == null ? 0 : 1;
    }

    @Override
    public long framesAfter(long frames) {
        return timeConv == null ? frames : frames / 2;
    }

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor half =
                            conv.apply(
                                    torch.pad(
                                            x,
                                            RIGHT_AND_BOTTOM,
                                            "constant",
                                            new DoubleOptional(0)));
                    if (timeConv == null) {
                        return half;
                    }
                    Tensor before = cache.before(this);
                    Tensor result =
                            before == null ? half : timeConv.valid(Ops.cat(0, before, half));
                    cache.remember(this, half, 1);
                    return result;
                });
    }
}
