package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.CachedConv;
import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** Frames to latent moments (mean and log variance, twice the latent channels). */
final class VaeEncoder {
    private final CachedConv in;
    private final List<VaeLayer> layers = new ArrayList<>();
    private final ChannelNorm norm;
    private final CachedConv out;

    VaeEncoder(Weights weights, VaeConfig config, VaeMath math) {
        long dim = config.baseDim();
        in = CachedConv.load(weights.child("conv_in"), config.pixelChannels(), dim, 3, 3);
        if (config.residual()) {
            dim = addLevels(weights, config, math);
        } else {
            dim = addLayers(weights, config, math);
        }
        layers.addAll(middle(weights.child("mid_block"), dim, math));
        norm = ChannelNorm.load(weights.child("norm_out"), dim, 3, math);
        out = CachedConv.load(weights.child("conv_out"), dim, 2 * config.latentChannels(), 3, 3);
    }

    private long addLevels(Weights weights, VaeConfig config, VaeMath math) {
        long dim = config.baseDim();
        for (int level = 0; level < config.multipliers().length; level++) {
            long out = config.baseDim() * config.multipliers()[level];
            layers.add(
                    VaeLevel.down(
                            weights.child("down_blocks." + level), config, level, dim, out, math));
            dim = out;
        }
        return dim;
    }

    private long addLayers(Weights weights, VaeConfig config, VaeMath math) {
        long dim = config.baseDim();
        int index = 0;
        for (int level = 0; level < config.multipliers().length; level++) {
            long out = config.baseDim() * config.multipliers()[level];
            for (int i = 0; i < config.residualBlocks(); i++) {
                layers.add(
                        new VaeResidualBlock(
                                weights.child("down_blocks." + index++), dim, out, math));
                dim = out;
            }
            if (level < config.temporal().length) {
                layers.add(
                        new VaeDownsample(
                                weights.child("down_blocks." + index++),
                                dim,
                                config.temporal()[level]));
            }
        }
        return dim;
    }

    static List<VaeLayer> middle(Weights weights, long dim, VaeMath math) {
        return List.of(
                new VaeResidualBlock(weights.child("resnets.0"), dim, dim, math),
                new VaeAttention(weights.child("attentions.0"), dim, math),
                new VaeResidualBlock(weights.child("resnets.1"), dim, dim, math));
    }

    /** One chunk: the first frame alone, or the next frames of one latent frame. */
    Tensor apply(Tensor chunk, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor x = in.apply(chunk, cache);
                    for (var layer : layers) {
                        Tensor before = x;
                        x = layer.apply(before, cache);
                        before.close();
                    }
                    return out.apply(norm, x, cache);
                });
    }
}
