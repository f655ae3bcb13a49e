package dev.reelrank.torch;

import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * The input of linear layers: numbers, or rows that are quantized once for all layers that read
 * them.
 *
 * @param dense shape (1, tokens, features); null if quantized
 * @param rows tokens rows of features; null if dense
 */
public record Activation(@Nullable Tensor dense, @Nullable Float8 rows) {
    public static Activation of(Tensor dense) {
        return new Activation(dense, null);
    }

    public static Activation of(Float8 rows) {
        return new Activation(null, rows);
    }

    /** Frees it, where its maker's scope would keep it longer. */
    public void release() {
        if (rows != null) {
            rows.values().close();
            rows.scale().close();
        } else if (dense != null) {
            dense.close();
        }
    }

    /** Some of its tokens, in the same memory. */
    public Activation narrow(long from, long count) {
        return rows == null
                ? of(Objects.requireNonNull(dense).narrow(1, from, count))
                : of(
                        new Float8(
                                rows.values().narrow(0, from, count),
                                rows.scale().narrow(0, from, count)));
    }

    /** Through a layer, shape (1, tokens, out). */
    public Tensor through(Linear linear) {
        if (rows != null) {
            return TensorScope.compute(() -> linear.apply(rows).unsqueeze(0));
        }
        return linear.apply(Objects.requireNonNull(dense));
    }

    /** Through a layer and GELU, shape (1, tokens, out). */
    public Tensor throughGelu(Linear linear) {
        return linear.applyGelu(Objects.requireNonNull(dense));
    }
}
