package dev.reelrank.torch;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Rows in float8 e4m3 with a float32 scale each: {@code row = values * scale}, the row's largest
 * magnitude at 448.
 *
 * @param values float8, shape (rows, columns)
 * @param scale float32, shape (rows, 1)
 */
public record Float8(Tensor values, Tensor scale) {
    /** The largest magnitude of e4m3. */
    public static final double MAX = 448.0;

    /** Quantizes each row of a matrix. */
    public static Float8 rows(Tensor matrix) {
        Tensor wide = matrix.to(ScalarType.Float);
        Tensor largest = wide.abs().amax(new long[] {-1}, true);
        Tensor scale = largest.clamp_min(new Scalar(1e-12)).mul(new Scalar(1.0 / MAX));
        return new Float8(wide.div(scale).to(ScalarType.Float8_e4m3fn), scale);
    }

    /** Quantizes each row of a matrix with scales that are exact in bfloat16. */
    static Float8 rowsWithShortScales(Tensor matrix) {
        Tensor wide = matrix.to(ScalarType.Float);
        Tensor largest = wide.abs().amax(new long[] {-1}, true);
        Tensor scale =
                largest.clamp_min(new Scalar(1e-12))
                        .mul(new Scalar(1.0 / MAX))
                        .to(ScalarType.BFloat16);
        return new Float8(wide.div(scale.to(ScalarType.Float)).to(ScalarType.Float8_e4m3fn), scale);
    }

    /** Back to numbers of this type. */
    public Tensor widen(DType dtype) {
        return values.to(ScalarType.Float).mul(scale).to(dtype.scalarType());
    }
}
