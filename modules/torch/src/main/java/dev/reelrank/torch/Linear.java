package dev.reelrank.torch;

import org.bytedeco.pytorch.Tensor;

/** {@code y = x W^T + b} over the last dimension, in one of several formats of the weight. */
public interface Linear {
    /**
     * @param x shape (…, in)
     * @return shape (…, out), of x's element type
     */
    Tensor apply(Tensor x);

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
        };
    }
}
