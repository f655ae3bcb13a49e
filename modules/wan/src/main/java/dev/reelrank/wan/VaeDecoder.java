package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.CachedConv;
import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Latent frames to frames: the first to one, each further to four. */
final class VaeDecoder {
    private final CachedConv in;
    private final List<VaeLayer> layers = new ArrayList<>();
    private final ChannelNorm norm;
    private final CachedConv out;

    VaeDecoder(Weights weights, VaeConfig config, VaeMath math) {
        int levels = config.multipliers().length;
        long dim = config.decoderBaseDim() * config.multipliers()[levels - 1];
        in = CachedConv.load(weights.child("conv_in"), config.latentChannels(), dim, 3, 3);
        layers.addAll(VaeEncoder.middle(weights.child("mid_block"), dim, math));
        for (int level = 0; level < levels; level++) {
            Weights block = weights.child("up_blocks." + level);
            long out = config.decoderBaseDim() * config.multipliers()[levels - 1 - level];
            if (config.residual()) {
                layers.add(VaeLevel.up(block, config, level, dim, out, math));
                dim = out;
                continue;
            }
            for (int i = 0; i <= config.residualBlocks(); i++) {
                layers.add(new VaeResidualBlock(block.child("resnets." + i), dim, out, math));
                dim = out;
            }
            if (level < levels - 1) {
                boolean temporal = config.temporal()[levels - 2 - level];
                layers.add(new VaeUpsample(block.child("upsamplers.0"), dim, dim / 2, temporal));
                dim /= 2;
            }
        }
        norm = ChannelNorm.load(weights.child("norm_out"), dim, 3, math);
        out = CachedConv.load(weights.child("conv_out"), dim, config.pixelChannels(), 3, 3);
    }

    /**
     * Decodes a latent frame.
     *
     * @param latent one latent frame, shape (1, latent channels, height, width)
     * @return shape (1 or 4, colours of a patch, 8 height, 8 width), not clamped
     */
    Tensor apply(Tensor latent, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor x = in.apply(latent, cache);
                    for (var layer : layers) {
                        Tensor before = x;
                        x = layer.apply(before, cache);
                        before.close();
                    }
                    return out.apply(norm, x, cache);
                });
    }
}
