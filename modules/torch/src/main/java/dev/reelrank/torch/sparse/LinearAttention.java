package dev.reelrank.torch.sparse;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention whose weights are products of features, {@code φ(q) (φ(k)^T v) / (1e-5 + φ(q) Σ φ(k))}
 * with the softmax over the head's dimension as φ: its time grows with the number of tokens and not
 * with its square. The linear term of sparse-linear attention (SLA, arXiv 2509.24006).
 */
public final class LinearAttention {
    private static final double LEAST = 1e-5;

    private LinearAttention() {}

    /** All shapes (1, heads, tokens, dim); the result has the value's type. */
    public static Tensor apply(Tensor query, Tensor key, Tensor value) {
        return TensorScope.compute(
                () -> {
                    Tensor k = torch.softmax(key, -1);
                    Tensor states = k.transpose(-2, -1).matmul(value);
                    Tensor total = k.sum(new long[] {-2}, true, new ScalarTypeOptional());
                    k.close();
                    Tensor q = torch.softmax(query, -1);
                    Tensor norm = Ops.add(q.matmul(total.transpose(-2, -1)), LEAST);
                    return q.matmul(states).div(norm);
                });
    }
}
