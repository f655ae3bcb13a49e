package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

final class DenseLinear implements Linear {
    private final Tensor weight;
    private final TensorOptional bias;

    private DenseLinear(Tensor weight, TensorOptional bias) {
        this.weight = weight;
        this.bias = bias;
    }

    static DenseLinear load(Weights weights, long in, long out, boolean bias) {
        Tensor weight = weights.take("weight", out, in);
        return new DenseLinear(weight, Layers.optional(weights, "bias", bias, out));
    }

    @Override
    public Tensor apply(Tensor x) {
        return torch.linear(x, weight, bias);
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
