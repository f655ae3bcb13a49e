package dev.reelrank.torch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.jspecify.annotations.Nullable;

/**
 * Convolution over time and space that looks only backwards in time. Videos are batches of frames,
 * shape (frames, channels, height, width), channels last in memory: the same bytes as a video with
 * its channels last, so that neither way of computing it copies.
 *
 * <p>A GPU computes one convolution in three dimensions. The CPU's kernel for that is four times
 * slower than the sum of one convolution in two dimensions for each frame of the kernel, so there
 * the sum is taken.
 */
public final class CausalConv3d {
    private final long kernelFrames;
    private final long frameStride;
    private final long[] padding;
    private final Tensor weight;
    private final List<Tensor> slices;
    private final TensorOptional bias;
    private final TensorOptional none;

    private CausalConv3d(
            long kernelFrames,
            long frameStride,
            long padding,
            Tensor weight,
            List<Tensor> slices,
            TensorOptional bias,
            TensorOptional none) {
        this.kernelFrames = kernelFrames;
        this.frameStride = frameStride;
        this.padding = new long[] {padding, padding};
        this.weight = weight;
        this.slices = slices;
        this.bias = bias;
        this.none = none;
    }

    /**
     * Loads {@code weight} (out, in, kernelFrames, kernel, kernel) and {@code bias} (out). Rows and
     * columns keep their number.
     *
     * @param frameStride frames to go on for each output frame
     */
    public static CausalConv3d load(
            Weights weights, long in, long out, long kernelFrames, long kernel, long frameStride) {
        Parameters parameters = weights.parameters();
        try (var scope = TensorScope.open()) {
            Tensor stored =
                    weights.read("weight", weights.dtype(), out, in, kernelFrames, kernel, kernel);
            Tensor weight = null;
            var slices = new ArrayList<Tensor>();
            if (weights.device().isCuda()) {
                weight = parameters.own(stored.contiguous(MemoryFormat.ChannelsLast3d));
            } else {
                for (long t = 0; t < kernelFrames; t++) {
                    slices.add(
                            parameters.own(
                                    stored.select(2, t).contiguous(MemoryFormat.ChannelsLast)));
                }
            }
            return new CausalConv3d(
                    kernelFrames,
                    frameStride,
                    kernel / 2,
                    weight == null ? slices.get(0) : weight,
                    slices,
                    Layers.optional(weights, "bias", true, out),
                    Layers.none(parameters));
        }
    }

    /** Frames that the kernel looks back: its frames less one. */
    public long lookBack() {
        return kernelFrames - 1;
    }

    /**
     * Applies the layer.
     *
     * @param x shape (frames, in, height, width)
     * @param before the frames before x, shape ({@link #lookBack}, in, height, width); null for
     *     black ones (zeros)
     * @return shape (frames / stride, out, height, width)
     */
    public Tensor apply(Tensor x, @Nullable Tensor before) {
        if (kernelFrames == 1) {
            return valid(x);
        }
        if (before == null && frameStride == 1 && !slices.isEmpty() && x.size(0) == 1) {
            // The kernel's earlier frames see zeros only.
            return conv2d(x, slices.get(slices.size() - 1), bias);
        }
        return TensorScope.compute(
                () -> {
                    if (before != null) {
                        return valid(Ops.cat(0, before, x));
                    }
                    var parts = new Tensor[(int) kernelFrames];
                    Arrays.fill(parts, torch.zeros_like(x.narrow(0, 0, 1)));
                    parts[parts.length - 1] = x;
                    return valid(Ops.cat(0, parts));
                });
    }

    /**
     * Without any padding in time.
     *
     * @param x shape (frames, in, height, width), at least as many frames as the kernel has
     */
    public Tensor valid(Tensor x) {
        return valid(x, bias);
    }

    /** {@link #valid} without its {@link #bias}: on a GPU libtorch adds it in a pass of its own. */
    public Tensor bare(Tensor x) {
        return valid(x, none);
    }

    /** Shape (out). */
    public Tensor bias() {
        return bias.get();
    }

    private Tensor valid(Tensor x, TensorOptional shift) {
        if (slices.isEmpty()) {
            Tensor video = x.permute(1, 0, 2, 3).unsqueeze(0);
            return torch.conv3d(
                            video,
                            weight,
                            shift,
                            new long[] {frameStride, 1, 1},
                            new long[] {0, padding[0], padding[1]},
                            new long[] {1, 1, 1},
                            1)
                    .squeeze(0)
                    .permute(1, 0, 2, 3);
        }
        long frames = (x.size(0) - kernelFrames) / frameStride + 1;
        Tensor sum = null;
        for (int t = 0; t < slices.size(); t++) {
            Tensor seen =
                    x.slice(
                            0,
                            new LongOptional(t),
                            new LongOptional(t + (frames - 1) * frameStride + 1),
                            frameStride);
            Tensor part = conv2d(seen, slices.get(t), t == 0 ? shift : none);
            sum = sum == null ? part : sum.add_(part);
        }
        return Objects.requireNonNull(sum, "a kernel of no frames");
    }

    private Tensor conv2d(Tensor x, Tensor slice, TensorOptional shift) {
        return torch.conv2d(x, slice, shift, new long[] {1, 1}, padding, new long[] {1, 1}, 1);
    }
}
