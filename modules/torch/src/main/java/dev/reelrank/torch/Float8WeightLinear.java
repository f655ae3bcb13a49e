package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/** Float8 weight, widened for each product. */
final class Float8WeightLinear implements Linear {
    private final Tensor values;
    private final Tensor scale;
    private final TensorOptional bias;

    private Float8WeightLinear(Tensor values, Tensor scale, TensorOptional bias) {
        this.values = values;
        this.scale = scale;
        this.bias = bias;
    }

    static Float8WeightLinear load(Weights weights, long in, long out, boolean bias) {
        try (var scope = TensorScope.open()) {
            Float8 weight =
                    Float8.rowsWithShortScales(
                            weights.readToMake("weight", DType.FLOAT32, out, in));
            return new Float8WeightLinear(
                    weights.parameters().own(weights.made(weight.values())),
                    weights.parameters()
                            .own(weights.made(weight.scale().to(weights.dtype().scalarType()))),
                    Layers.optional(weights, "bias", bias, out));
        }
    }

    @Override
    public Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> torch.linear(x, values.to(x.scalar_type()).mul(scale), bias));
    }

    @Override
    public long in() {
        return values.size(1);
    }

    @Override
    public long out() {
        return values.size(0);
    }
}
