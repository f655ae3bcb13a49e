package dev.reelrank.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * cuDNN's attention with what it takes to join the answers of two sets of keys: {@code
 * aten::_scaled_dot_product_cudnn_attention}, called through the dispatcher.
 *
 * @param output shape (1, heads, queries, dim), rows of a query's heads side by side
 * @param logSumExp float32, of each query's scaled scores, heads x queries numbers in this order
 */
public record CudnnAttention(Tensor output, Tensor logSumExp) {
    private static final class Operator {
        static final OperatorHandle ATTENTION =
                TensorScope.outlive(
                        Dispatcher.singleton()
                                .findSchemaOrThrow(
                                        "aten::_scaled_dot_product_cudnn_attention", ""));
    }

    /** Whether libtorch may use cuDNN's attention (see {@link AttentionBackend#prefer}). */
    public static boolean allowed() {
        return torch.globalContext().userEnabledCuDNNSDP();
    }

    /** Without mask, scaled by 1/sqrt(dim). All shapes (1, heads, tokens, dim), bfloat16. */
    public static CudnnAttention apply(Tensor query, Tensor key, Tensor value) {
        try (var stack = called(query, key, value, true)) {
            return new CudnnAttention(
                    new Tensor(stack.get(0).toTensor()), new Tensor(stack.get(1).toTensor()));
        }
    }

    /**
     * The output alone, whatever libtorch prefers in this process.
     *
     * @param query shape (batch, heads, tokens, dim), bfloat16
     * @param key like query
     * @param value like query
     */
    public static Tensor output(Tensor query, Tensor key, Tensor value) {
        try (var stack = called(query, key, value, false)) {
            return new Tensor(stack.get(0).toTensor());
        }
    }

    private static IValueVector called(Tensor query, Tensor key, Tensor value, boolean sums) {
        var stack =
                new IValueVector(
                        new IValue(query),
                        new IValue(key),
                        new IValue(value),
                        new IValue(),
                        new IValue(sums),
                        new IValue(0.0),
                        new IValue(false),
                        new IValue(false),
                        new IValue());
        Operator.ATTENTION.callBoxed(stack);
        return stack;
    }

    /** Frees both. */
    public void release() {
        output.close();
        logSumExp.close();
    }
}
