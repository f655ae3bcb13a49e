package dev.reelrank.wan;

import dev.reelrank.torch.Float8;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.TensorScope;
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
record Activation(@Nullable Tensor dense, @Nullable Float8 rows) {
    static Activation of(Tensor dense) {
        return new Activation(dense, null);
    }

    static Activation of(Float8 rows) {
        return new Activation(null, rows);
    }

    /** Frees it, where its maker's scope would keep it longer. */
    void release() {
        if (rows != null) {
            rows.values().close();
            rows.scale().close();
        } else if (dense != null) {
            dense.close();
        }
    }

    /** Through a layer, shape (1, tokens, out). */
    Tensor through(Linear linear) {
        if (rows != null) {
            return TensorScope.compute(() -> linear.apply(rows).unsqueeze(0));
        }
        return linear.apply(Objects.requireNonNull(dense));
    }

    /** Through a layer and GELU, shape (1, tokens, out). */
    Tensor throughGelu(Linear linear) {
        return linear.applyGelu(Objects.requireNonNull(dense));
    }
}
