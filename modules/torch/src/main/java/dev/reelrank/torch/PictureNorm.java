package dev.reelrank.torch;

import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Group norm of pictures whose channels lie last in memory, each by itself or some together, with
 * what follows it: on a GPU by kernels of our own ({@link PictureKernels}), elsewhere, and where
 * gradients are recorded, by libtorch.
 */
public final class PictureNorm {
    private final Tensor weight;
    private final TensorOptional weightOption;
    private final Tensor bias;
    private final TensorOptional biasOption;
    private final long groups;
    private final double epsilon;
    private final PictureKernels kernels;

    private PictureNorm(
            Parameters parameters,
            Tensor weight,
            Tensor bias,
            long groups,
            double epsilon,
            PictureKernels kernels) {
        this.weight = weight;
        this.weightOption = Layers.some(parameters, weight);
        this.bias = bias;
        this.biasOption = Layers.some(parameters, bias);
        this.groups = groups;
        this.epsilon = epsilon;
        this.kernels = kernels;
    }

    /**
     * Loads {@code weight} and {@code bias}, both (channels).
     *
     * @param groups divides channels
     * @param kernels of the device that computes; they outlive this
     */
    public static PictureNorm load(
            Weights weights, long groups, long channels, double epsilon, PictureKernels kernels) {
        return new PictureNorm(
                weights.parameters(),
                weights.take("weight", channels),
                weights.take("bias", channels),
                groups,
                epsilon,
                kernels);
    }

    /** Each picture by itself. Shapes (pictures, channels, height, width). */
    public Tensor apply(Tensor x) {
        return made(x, 1, false);
    }

    /** Each picture by itself, then {@code x · sigmoid(x)}. */
    public Tensor silu(Tensor x) {
        return made(x, 1, true);
    }

    /**
     * Whether {@link #silu(Tensor, Tensor)} and {@link #write} with a bias work for pictures like
     * these, whatever their channels: then what comes before and after need not add its bias itself
     * ({@link PictureKernels#add}).
     */
    public boolean folds(Tensor x) {
        return kernels.normalise(x, weight, groups, weight.size(0));
    }

    /** As {@link #silu} of {@code x + before}, a number for each channel, where {@link #folds}. */
    public Tensor silu(Tensor x, Tensor before) {
        return TensorScope.compute(
                () -> {
                    Tensor out = empty(x);
                    kernels.norm(x, norm(1, true, before), null, out);
                    return out;
                });
    }

    /**
     * The pictures of a clip together.
     *
     * @param clip pictures of a clip; those of several clips lie one after the other
     */
    public Tensor together(Tensor x, long clip) {
        return made(x, clip, false);
    }

    /** Whether {@link #write} works for these pictures. */
    public boolean writes(Tensor x) {
        return kernels.normalise(x, weight, groups);
    }

    /**
     * All pictures together, then {@code x · sigmoid(x)}, written to a part of a larger tensor,
     * where {@link #writes}.
     *
     * @param before added to each channel of x first; null for nothing
     * @param latents scale and shift of each position, before SiLU; null for none
     * @param out as x, channels last in memory without gaps
     */
    public void write(
            Tensor x,
            @Nullable Tensor before,
            PictureKernels.@Nullable Latents latents,
            Tensor out) {
        kernels.norm(x, norm(x.size(0), true, before), latents, out);
    }

    private PictureKernels.Norm norm(long clip, boolean silu, @Nullable Tensor before) {
        return new PictureKernels.Norm(weight, bias, groups, epsilon, clip, silu, before);
    }

    private static Tensor empty(Tensor x) {
        return torch.empty(
                x.shape(), x.options(), new MemoryFormatOptional(MemoryFormat.ChannelsLast));
    }

    private Tensor made(Tensor x, long clip, boolean silu) {
        return TensorScope.compute(
                () -> {
                    if (writes(x)) {
                        Tensor out = empty(x);
                        kernels.norm(x, norm(clip, silu, null), null, out);
                        return out;
                    }
                    Tensor normed = clip == 1 ? grouped(x) : clips(x, clip);
                    return silu ? Ops.silu(normed) : normed;
                });
    }

    private Tensor grouped(Tensor x) {
        return torch.group_norm(x, groups, weightOption, biasOption, epsilon, true);
    }

    private Tensor clips(Tensor x, long clip) {
        return grouped(
                        x.unflatten(0, new long[] {x.size(0) / clip, clip})
                                .permute(0, 2, 1, 3, 4)
                                .contiguous())
                .permute(0, 2, 1, 3, 4)
                .flatten(0, 1)
                .contiguous(MemoryFormat.ChannelsLast);
    }
}
