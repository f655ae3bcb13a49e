package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Weight in bfloat16, widened for each product. */
final class Bfloat16WeightLinear implements Linear {
    private final Tensor weight;
    private final TensorOptional bias;

    private Bfloat16WeightLinear(Tensor weight, TensorOptional bias) {
        this.weight = weight;
        this.bias = bias;
    }

    static Bfloat16WeightLinear load(Weights weights, long in, long out, boolean bias) {
        return new Bfloat16WeightLinear(
                weights.take("weight", DType.BFLOAT16, out, in),
                Layers.optional(weights, "bias", bias, out));
    }

    @Override
    public Tensor apply(Tensor x) {
        return TensorScope.compute(() -> torch.linear(x, weight.to(x.scalar_type()), bias));
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
