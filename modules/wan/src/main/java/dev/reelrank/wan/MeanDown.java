package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The shortcut of a step down: the pixels that become one are channels of it, and groups of these
 * channels are averaged to as many as the step gives (AvgDown3D of Wan2.2's VAE).
 *
 * @param channels that come out; the channels that go in, times the pixels, are a multiple of it
 * @param frames that become one; a chunk that is too short has zeros before it
 * @param side rows, and columns, that become one
 */
record MeanDown(long channels, int frames, int side) implements VaeLayer {
    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    long missing = (frames - x.size(0) % frames) % frames;
                    Tensor whole =
                            missing == 0
                                    ? x
                                    : Ops.cat(0, torch.zeros_like(x.narrow(0, 0, missing)), x);
                    long in = x.size(1);
                    long count = whole.size(0) / frames;
                    long height = x.size(2) / side;
                    long width = x.size(3) / side;
                    return whole.reshape(count, frames, in, height, side, width, side)
                            .permute(0, 3, 5, 2, 1, 4, 6)
                            .reshape(count, height, width, channels, -1)
                            .mean(-1)
                            .permute(0, 3, 1, 2);
                });
    }
}
