package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/**
 * The weight as it is. On the CPU, where nothing is to be learned, through oneDNN: libtorch's own
 * product calls OpenBLAS, which has one thread here and is half as fast on it.
 */
final class DenseLinear implements Linear {
    private final Tensor weight;
    private final TensorOptional bias;
    private final boolean oneDnn;

    private DenseLinear(Tensor weight, TensorOptional bias, boolean oneDnn) {
        this.weight = weight;
        this.bias = bias;
        this.oneDnn = oneDnn;
    }

    static DenseLinear load(Weights weights, long in, long out, boolean bias) {
        Tensor weight = weights.take("weight", out, in);
        return new DenseLinear(
                weight,
                Layers.optional(weights, "bias", bias, out),
                !weights.device().isCuda() && OneDnn.computes(weights.dtype()));
    }

    @Override
    public Tensor apply(Tensor x) {
        if (oneDnn && !x.is_cuda() && x.numel() > 0 && !Layers.recorded(x, weight)) {
            return OneDnn.linear(x, weight, bias);
        }
        return torch.linear(x, weight, bias);
    }

    @Override
    public Tensor applyGelu(Tensor x) {
        if (!bias.has_value() || Layers.recorded(x, weight)) {
            return Linear.super.applyGelu(x);
        }
        if (oneDnn && !x.is_cuda() && x.numel() > 0) {
            return OneDnn.linearGelu(x, weight, bias);
        }
        return x.is_cuda() ? Epilogue.linearGelu(x, weight, bias) : Linear.super.applyGelu(x);
    }

    @Override
    public long in() {
        return weight.size(1);
    }

    @Override
    public long out() {
        return weight.size(0);
    }
}
