package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Latents to frames. */
final class CogVaeDecoder {
    private static final int MIDDLE_BLOCKS = 2;

    private final FirstFrameConv in;
    private final List<VaePart> parts = new ArrayList<>();
    private final LatentNorm norm;
    private final FirstFrameConv out;

    CogVaeDecoder(Weights weights, CogVaeConfig config, PictureKernels kernels) {
        long[] channels = config.channels();
        int last = channels.length - 1;
        long width = channels[last];
        in = FirstFrameConv.load(weights.child("conv_in"), config.latentChannels(), width);
        for (int i = 0; i < MIDDLE_BLOCKS; i++) {
            parts.add(
                    VaeBlock.decoder(
                                    weights.child("mid_block.resnets." + i),
                                    config,
                                    width,
                                    width,
                                    kernels)
                            ::apply);
        }
        for (int level = 0; level <= last; level++) {
            Weights block = weights.child("up_blocks." + level);
            for (int i = 0; i <= config.layers(); i++) {
                long to = channels[last - level];
                parts.add(
                        VaeBlock.decoder(block.child("resnets." + i), config, width, to, kernels)
                                ::apply);
                width = to;
            }
            if (level < last) {
                var doubling =
                        new VaeDoubling(
                                block.child("upsamplers.0"), width, config.changesTime(level));
                parts.add((x, none, cache) -> doubling.apply(x));
            }
        }
        norm = LatentNorm.load(weights.child("norm_out"), config, width, kernels);
        out = FirstFrameConv.load(weights.child("conv_out"), width, 3);
    }

    /**
     * Decodes the next chunk.
     *
     * @param latents shape (latent frames, latent channels, latent height, latent width)
     * @return shape (frames, 3, height, width), not clamped
     */
    Tensor apply(Tensor latents, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor x = VaePart.all(parts, in.apply(latents, cache), latents, cache);
                    return out.apply(norm.of(latents), x, cache);
                });
    }
}
