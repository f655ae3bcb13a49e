package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Frames to latent moments: means, then logarithms of variances. */
final class CogVaeEncoder {
    private static final int MIDDLE_BLOCKS = 2;
    private static final double OUT_EPSILON = 1e-6;

    private final FirstFrameConv in;
    private final List<VaePart> parts = new ArrayList<>();
    private final ChunkNorm norm;
    private final FirstFrameConv out;

    CogVaeEncoder(Weights weights, CogVaeConfig config, PictureKernels kernels) {
        long[] channels = config.channels();
        int last = channels.length - 1;
        in = FirstFrameConv.load(weights.child("conv_in"), 3, channels[0]);
        long width = channels[0];
        for (int level = 0; level <= last; level++) {
            Weights block = weights.child("down_blocks." + level);
            for (int i = 0; i < config.layers(); i++) {
                parts.add(
                        VaeBlock.encoder(
                                        block.child("resnets." + i),
                                        config,
                                        width,
                                        channels[level],
                                        kernels)
                                ::apply);
                width = channels[level];
            }
            if (level < last) {
                var halving =
                        new VaeHalving(
                                block.child("downsamplers.0"), width, config.changesTime(level));
                parts.add((x, none, cache) -> halving.apply(x));
            }
        }
        for (int i = 0; i < MIDDLE_BLOCKS; i++) {
            parts.add(
                    VaeBlock.encoder(
                                    weights.child("mid_block.resnets." + i),
                                    config,
                                    width,
                                    width,
                                    kernels)
                            ::apply);
        }
        norm =
                ChunkNorm.load(
                        weights.child("norm_out"), config.groups(), width, OUT_EPSILON, kernels);
        out = FirstFrameConv.load(weights.child("conv_out"), width, 2 * config.latentChannels());
    }

    /**
     * Encodes the next chunk.
     *
     * @param frames shape (frames, 3, height, width)
     * @return shape (latent frames, twice the latent channels, latent height, latent width)
     */
    Tensor apply(Tensor frames, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor x = VaePart.all(parts, in.apply(frames, cache), frames, cache);
                    return out.apply(norm, x, cache);
                });
    }
}
