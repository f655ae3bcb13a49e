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

    /**
     * How many of the first layers give what they gave for the chunk before.
     *
     * @param equal how many chunks before this one are equal to it
     * @param frames of the chunk
     */
    int settled(int equal, long frames) {
        int left = equal - in.chunksBefore(frames);
        int settled = left < 1 ? 0 : 1;
        for (int i = 0; i < layers.size() && left >= 1; i++) {
            left -= layers.get(i).chunksBefore(frames);
            frames = layers.get(i).framesAfter(frames);
            settled = left < 1 ? settled : i + 2;
        }
        return settled;
    }

    /**
     * One chunk: the first frame alone, or the next frames of one latent frame.
     *
     * @param equal how many chunks before this one are equal to it: what they settled is not
     *     computed again
     * @param kept what the last settled layer gave
     */
    Tensor apply(Tensor chunk, FrameCache cache, int equal, KeptChunk kept) {
        return TensorScope.compute(
                () -> {
                    int settled = settled(equal, chunk.size(0));
                    // One layer more is settled in the next chunk, if it is equal too.
                    int next = settled(equal + 1, chunk.size(0));
                    Tensor x = settled == 0 ? chunk : kept.get();
                    for (int i = settled; i <= layers.size(); i++) {
                        Tensor before = x;
                        x =
                                i == 0
                                        ? in.apply(before, cache)
                                        : layers.get(i - 1).apply(before, cache);
                        if (i > settled && i != next) {
                            before.close();
                        }
                        if (i + 1 == next) {
                            kept.put(x);
                        }
                    }
                    return out.apply(norm, x, cache);
                });
    }
}
