package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/**
 * Convolution of pictures, each of a batch on its own. Channels lie last in memory, which both
 * oneDNN and cuDNN compute without reordering.
 */
public final class Conv2d {
    private static final long[] NO_DILATION = {1, 1};

    private final Tensor weight;
    private final TensorOptional bias;
    private final TensorOptional none;
    private final long[] stride;
    private final long[] padding;

    Conv2d(Tensor weight, TensorOptional bias, TensorOptional none, long stride, long padding) {
        this.weight = weight;
        this.bias = bias;
        this.none = none;
        this.stride = new long[] {stride, stride};
        this.padding = new long[] {padding, padding};
    }

    /** Loads {@code weight} (out, in, kernel, kernel) and {@code bias} (out). */
    public static Conv2d load(
            Weights weights, long in, long out, long kernel, long stride, long padding) {
        try (var scope = TensorScope.open()) {
            Tensor weight = weights.read("weight", weights.dtype(), out, in, kernel, kernel);
            return new Conv2d(
                    weights.parameters().own(weight.contiguous(MemoryFormat.ChannelsLast)),
                    Layers.optional(weights, "bias", true, out),
                    Layers.none(weights.parameters()),
                    stride,
                    padding);
        }
    }

    /**
     * Applies the layer.
     *
     * @param x shape (batch, in, height, width)
     * @return shape (batch, out, height', width')
     */
    public Tensor apply(Tensor x) {
        return torch.conv2d(x, weight, bias, stride, padding, NO_DILATION, 1);
    }

    /** Without its {@link #bias}: on a GPU libtorch adds it in a pass of its own. */
    public Tensor bare(Tensor x) {
        return torch.conv2d(x, weight, none, stride, padding, NO_DILATION, 1);
    }

    /** Shape (out). */
    public Tensor bias() {
        return bias.get();
    }
}
