package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.SiluNorm;
import dev.reelrank.torch.CausalConv3d;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Norm, SiLU, convolution, twice, beside a shortcut: one part of encoder or decoder. */
final class VaeBlock {
    /** A norm of the encoder takes the frames alone, one of the decoder the latents too. */
    @FunctionalInterface
    interface Norm {
        SiluNorm of(Tensor latents);
    }

    private final Norm norm1;
    private final FirstFrameConv conv1;
    private final Norm norm2;
    private final FirstFrameConv conv2;
    private final @Nullable CausalConv3d shortcut;
    private final PictureKernels kernels;

    private VaeBlock(
            Weights weights, long in, long out, Norm norm1, Norm norm2, PictureKernels kernels) {
        this.kernels = kernels;
        this.norm1 = norm1;
        this.norm2 = norm2;
        conv1 = FirstFrameConv.load(weights.child("conv1"), in, out);
        conv2 = FirstFrameConv.load(weights.child("conv2"), out, out);
        shortcut =
                in == out
                        ? null
                        : CausalConv3d.load(weights.child("conv_shortcut"), in, out, 1, 1, 1);
    }

    static VaeBlock encoder(
            Weights weights, CogVaeConfig config, long in, long out, PictureKernels kernels) {
        var first =
                ChunkNorm.load(
                        weights.child("norm1"), config.groups(), in, config.epsilon(), kernels);
        var second =
                ChunkNorm.load(
                        weights.child("norm2"), config.groups(), out, config.epsilon(), kernels);
        return new VaeBlock(weights, in, out, none -> first, none -> second, kernels);
    }

    static VaeBlock decoder(
            Weights weights, CogVaeConfig config, long in, long out, PictureKernels kernels) {
        return new VaeBlock(
                weights,
                in,
                out,
                LatentNorm.load(weights.child("norm1"), config, in, kernels)::of,
                LatentNorm.load(weights.child("norm2"), config, out, kernels)::of,
                kernels);
    }

    /**
     * Applies the block to the next frames.
     *
     * @param x shape (frames, channels, height, width)
     * @param latents of the same chunk; the encoder's blocks do not look at them
     */
    Tensor apply(Tensor x, Tensor latents, FrameCache cache) {
        var first = norm1.of(latents);
        var second = norm2.of(latents);
        if (first.folds(x) && second.folds(x)) {
            return folded(first, second, x, cache);
        }
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.apply(first, x, cache);
                    Tensor g = conv2.apply(second, h, cache);
                    h.close();
                    return g.add_(shortcut == null ? x : shortcut.valid(x));
                });
    }

    /** The same, with biases added where the next kernel reads what they belong to. */
    private Tensor folded(SiluNorm first, SiluNorm second, Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.bare(first, x, null, cache);
                    Tensor g = conv2.bare(second, h, conv1.bias(), cache);
                    h.close();
                    return shortcut == null
                            ? kernels.add(g, x, conv2.bias())
                            : kernels.add(g, shortcut.bare(x), conv2.bias().add(shortcut.bias()));
                });
    }
}
