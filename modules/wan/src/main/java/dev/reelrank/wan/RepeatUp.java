package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The shortcut of a step up: channels are repeated until they are the pixels that the step makes
 * (DupUp3D of Wan2.2's VAE). Rows and columns double.
 *
 * @param channels that come out
 * @param frames that one becomes, but for the first frame of a video, which stays one
 */
record RepeatUp(long channels, int frames) implements VaeLayer {
    private static final int SIDE = 2;

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    boolean first = cache.isFirst(this);
                    if (first) {
                        // Only that there was a chunk is remembered.
                        cache.remember(this, x.narrow(0, 0, 1).narrow(1, 0, 1), 1);
                    }
                    long count = x.size(0);
                    long height = x.size(2);
                    long width = x.size(3);
                    long repeats = channels * frames * SIDE * SIDE / x.size(1);
                    Tensor all =
                            x.repeat_interleave(repeats, new LongOptional(1), new LongOptional())
                                    .reshape(count, channels, frames, SIDE, SIDE, height, width)
                                    .permute(0, 2, 5, 3, 6, 4, 1)
                                    .reshape(count * frames, height * SIDE, width * SIDE, channels)
                                    .permute(0, 3, 1, 2);
                    return first ? all.narrow(0, frames - 1L, all.size(0) - frames + 1) : all;
                });
    }
}
