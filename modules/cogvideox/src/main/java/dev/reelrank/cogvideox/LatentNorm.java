package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.SiluNorm;
import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The decoder's norm: a group norm over a chunk whose scale and shift come from the latents at each
 * place (Zheng et al. 2022, MoVQ).
 */
final class LatentNorm {
    private static final double EPSILON = 1e-6;

    private final PictureNorm norm;
    private final CausalConv3d scale;
    private final CausalConv3d shift;

    private LatentNorm(PictureNorm norm, CausalConv3d scale, CausalConv3d shift) {
        this.norm = norm;
        this.scale = scale;
        this.shift = shift;
    }

    static LatentNorm load(
            Weights weights, CogVaeConfig config, long channels, PictureKernels kernels) {
        long z = config.latentChannels();
        return new LatentNorm(
                PictureNorm.load(
                        weights.child("norm_layer"), config.groups(), channels, EPSILON, kernels),
                CausalConv3d.load(weights.child("conv_y.conv"), z, channels, 1, 1, 1),
                CausalConv3d.load(weights.child("conv_b.conv"), z, channels, 1, 1, 1));
    }

    /**
     * The norm of a chunk.
     *
     * @param latents of the same chunk, shape (latent frames, latent channels, …)
     */
    SiluNorm of(Tensor latents) {
        return new SiluNorm() {
            @Override
            public Tensor silu(Tensor x) {
                // A kernel of one place does the same before the latents are made larger, at less
                // cost.
                return TensorScope.compute(
                        () ->
                                Ops.silu(
                                        norm.together(x, x.size(0))
                                                .mul_(enlarged(scale.valid(latents), x))
                                                .add_(enlarged(shift.valid(latents), x))));
            }

            @Override
            public boolean writesAnywhere(Tensor x) {
                return norm.writes(x);
            }

            @Override
            public boolean folds(Tensor like) {
                return norm.folds(like);
            }

            @Override
            public void silu(Tensor x, @Nullable Tensor before, Tensor out) {
                TensorScope.run(
                        () ->
                                norm.write(
                                        x,
                                        before,
                                        new PictureKernels.Latents(
                                                scale.valid(latents), shift.valid(latents)),
                                        out));
            }
        };
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
