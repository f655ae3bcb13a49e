package dev.reelrank.torch;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/** Float8 weight and activations, rowwise scaled product with bfloat16 result. */
final class Float8DynamicLinear implements Linear {
    private final Tensor values;
    private final Tensor scale;
    private final Tensor bias;
    private final ScaledMatmul matmul;

    private Float8DynamicLinear(Tensor values, Tensor scale, Tensor bias, ScaledMatmul matmul) {
        this.values = values;
        this.scale = scale;
        this.bias = bias;
        this.matmul = matmul;
    }

    static Float8DynamicLinear load(Weights weights, long in, long out, boolean bias) {
        weights.device().requireFloat8Matmul();
        if (in % 16 != 0 || out % 16 != 0) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "float8 products need sizes that are multiples of 16, but '%s' is %d by %d: use --precision fp8-weights or bf16"
                            .formatted(weights.path("weight"), out, in));
        }
        try (var scope = TensorScope.open()) {
            Float8 weight = Float8.rows(weights.readToMake("weight", DType.FLOAT32, out, in));
            Parameters parameters = weights.parameters();
            Tensor shift =
                    bias
                            ? weights.read("bias", DType.BFLOAT16, out)
                            : Ops.zeros(weights.device(), DType.BFLOAT16, out);
            return new Float8DynamicLinear(
                    parameters.own(weights.made(weight.values()).t()),
                    parameters.own(weights.made(weight.scale()).view(1, out)),
                    parameters.own(shift),
                    ScaledMatmul.INSTANCE);
        }
    }

    @Override
    public Tensor apply(Tensor x) {
        if (Layers.recorded(x)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "a product of float8 rows has no gradient: train with --precision fp8-weights"
                            + " or bf16");
        }
        return TensorScope.compute(
                () -> {
                    Float8 rows = Float8.rows(x.reshape(-1, in()));
                    long[] shape = x.shape();
                    long[] result = Arrays.copyOf(shape, shape.length);
                    result[result.length - 1] = out();
                    return apply(rows).to(x.scalar_type()).view(result);
                });
    }

    @Override
    public boolean takesFloat8() {
        return true;
    }

    @Override
    public Tensor apply(Float8 rows) {
        return matmul.apply(rows.values(), values, rows.scale(), scale, bias);
    }

    @Override
    public long in() {
        return values.size(0);
    }

    @Override
    public long out() {
        return values.size(1);
    }
}
