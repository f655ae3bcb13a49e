package dev.reelrank.cogvideox;

import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * The decoder's norm: a group norm whose scale and shift come from the latents at each place (Zheng
 * et al. 2022, MoVQ).
 */
final class LatentNorm {
    private static final double EPSILON = 1e-6;

    private final ChunkNorm norm;
    private final CausalConv3d scale;
    private final CausalConv3d shift;

    private LatentNorm(ChunkNorm norm, CausalConv3d scale, CausalConv3d shift) {
        this.norm = norm;
        this.scale = scale;
        this.shift = shift;
    }

    static LatentNorm load(Weights weights, CogVaeConfig config, long channels) {
        long z = config.latentChannels();
        return new LatentNorm(
                ChunkNorm.load(weights.child("norm_layer"), config.groups(), channels, EPSILON),
                CausalConv3d.load(weights.child("conv_y.conv"), z, channels, 1, 1, 1),
                CausalConv3d.load(weights.child("conv_b.conv"), z, channels, 1, 1, 1));
    }

    /**
     * Applies the norm.
     *
     * @param x shape (frames, channels, height, width)
     * @param latents of the same chunk, shape (latent frames, latent channels, …)
     */
    Tensor apply(Tensor x, Tensor latents) {
        // A kernel of one place does the same before the latents are made larger, at less cost.
        return TensorScope.compute(
                () ->
                        norm.apply(x)
                                .mul_(enlarged(scale.valid(latents), x))
                                .add_(enlarged(shift.valid(latents), x)));
    }

    /**
     * To the nearest place; of an odd number of frames the first one belongs to the first latent.
     */
    private static Tensor enlarged(Tensor z, Tensor like) {
        return TensorScope.compute(
                () -> {
                    Tensor wide = torch.upsample_nearest2d(z, like.size(2), like.size(3));
                    return FrameSpread.to(wide, like.size(0));
                });
    }
}
