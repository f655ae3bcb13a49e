package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;

/** {@code y = x W^T + b} over the last dimension, in one of several formats of the weight. */
public interface Linear {
    /**
     * Applies the layer.
     *
     * @param x shape (…, in)
     * @return shape (…, out), of x's element type
     */
    Tensor apply(Tensor x);

    /**
     * GELU (tanh approximation) of the product, in one go where the device can.
     *
     * @param x shape (…, in)
     * @return shape (…, out), of x's element type
     */
    default Tensor applyGelu(Tensor x) {
        return TensorScope.compute(() -> Ops.gelu(apply(x)));
    }

    /** Whether this layer multiplies float8 rows as they are. */
    default boolean takesFloat8() {
        return false;
    }

    /**
     * The product for rows that are quantized already.
     *
     * @param x rows of in features
     * @return shape (rows, out), bfloat16
     */
    default Tensor apply(Float8 x) {
        return apply(x.widen(DType.BFLOAT16));
    }

    /** How many features come in. */
    long in();

    /** How many features go out. */
    long out();

    /** Loads {@code weight} (out, in) and, if asked, {@code bias} (out) in the weights' type. */
    static Linear load(Weights weights, long in, long out, boolean bias) {
        return load(weights, in, out, bias, LinearFormat.DENSE);
    }

    /** Loads {@code weight} (out, in) and, if asked, {@code bias} (out) in this format. */
    static Linear load(Weights weights, long in, long out, boolean bias, LinearFormat format) {
        return switch (format) {
            case DENSE -> DenseLinear.load(weights, in, out, bias);
            case FLOAT8_DYNAMIC -> Float8DynamicLinear.load(weights, in, out, bias);
            case FLOAT8_WEIGHTS -> Float8WeightLinear.load(weights, in, out, bias);
            case BFLOAT16_WEIGHTS -> Bfloat16WeightLinear.load(weights, in, out, bias);
        };
    }
}
