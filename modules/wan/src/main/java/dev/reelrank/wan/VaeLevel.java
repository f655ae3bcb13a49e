package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One resolution of Wan2.2's VAE: residual blocks and a step down or up, beside a shortcut without
 * weights that takes or makes as many pixels.
 */
final class VaeLevel implements VaeLayer {
    private final List<VaeLayer> layers;
    private final @Nullable Shortcut shortcut;

    /** What is added to what the layers made. */
    @FunctionalInterface
    private interface Shortcut {
        Tensor addTo(Tensor made, Tensor x, FrameCache cache);
    }

    private VaeLevel(List<VaeLayer> layers, @Nullable Shortcut shortcut) {
        this.layers = layers;
        this.shortcut = shortcut;
    }

    /** A resolution of the encoder; the last one has no step down. */
    static VaeLevel down(
            Weights weights, VaeConfig config, int level, long in, long out, VaeMath math) {
        var layers = blocks(weights, config.residualBlocks(), in, out, math);
        boolean steps = level < config.temporal().length;
        boolean temporal = steps && config.temporal()[level];
        if (steps) {
            layers.add(new VaeDownsample(weights.child("downsampler"), out, temporal));
        }
        var mean = new MeanDown(out, temporal ? 2 : 1, steps ? 2 : 1);
        return new VaeLevel(layers, (made, x, cache) -> made.add_(mean.apply(x, cache)));
    }

    /** A resolution of the decoder, counted from the smallest; the last one has no step up. */
    static VaeLevel up(
            Weights weights, VaeConfig config, int level, long in, long out, VaeMath math) {
        var layers = blocks(weights, config.residualBlocks() + 1, in, out, math);
        int steps = config.temporal().length;
        if (level >= steps) {
            return new VaeLevel(layers, null);
        }
        boolean temporal = config.temporal()[steps - 1 - level];
        layers.add(new VaeUpsample(weights.child("upsampler"), out, out, temporal));
        return new VaeLevel(layers, new RepeatUp(out, temporal ? 2 : 1)::addTo);
    }

    private static List<VaeLayer> blocks(
            Weights weights, int count, long in, long out, VaeMath math) {
        var blocks = new ArrayList<VaeLayer>();
        for (int i = 0; i < count; i++) {
            blocks.add(
                    new VaeResidualBlock(
                            weights.child("resnets." + i), i == 0 ? in : out, out, math));
        }
        return blocks;
    }

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor h = layers.get(0).apply(x, cache);
                    for (var layer : layers.subList(1, layers.size())) {
                        Tensor before = h;
                        h = layer.apply(before, cache);
                        before.close();
                    }
                    return shortcut == null ? h : shortcut.addTo(h, x, cache);
                });
    }
}
