package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * Convolution over frames, rows and columns, padded with zeros on all sides. See {@link
 * CausalConv3d} for one that looks only backwards in time.
 */
public final class Conv3d {
    private static final long[] NO_DILATION = {1, 1, 1};

    private final Tensor weight;
    private final TensorOptional bias;
    private final long[] stride;
    private final long[] padding;

    private Conv3d(Tensor weight, TensorOptional bias, long[] stride, long[] padding) {
        this.weight = weight;
        this.bias = bias;
        this.stride = stride;
        this.padding = padding;
    }

    /**
     * Loads {@code weight} (out, in, kernel frames, kernel rows, kernel columns) and {@code bias}
     * (out).
     *
     * @param kernel frames, rows and columns
     * @param stride in frames, rows and columns
     * @param padding in frames, rows and columns
     */
    public static Conv3d load(
            Weights weights, long in, long out, long[] kernel, long[] stride, long[] padding) {
        return new Conv3d(
                weights.take("weight", out, in, kernel[0], kernel[1], kernel[2]),
                Layers.optional(weights, "bias", true, out),
                stride.clone(),
                padding.clone());
    }

    /**
     * Applies the layer.
     *
     * @param x shape (batch, in, frames, height, width)
     * @return shape (batch, out, frames', height', width')
     */
    public Tensor apply(Tensor x) {
        return torch.conv3d(x, weight, bias, stride, padding, NO_DILATION, 1);
    }
}
