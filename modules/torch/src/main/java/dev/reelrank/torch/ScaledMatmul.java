package dev.reelrank.torch;

import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * libtorch's {@code _scaled_mm}, which has no typed binding: called through the dispatcher. The
 * handle is looked up once.
 */
final class ScaledMatmul {
    static final ScaledMatmul INSTANCE = new ScaledMatmul();

    private final OperatorHandle operator;

    private ScaledMatmul() {
        TorchRuntime.start();
        operator =
                TensorScope.outlive(
                        Dispatcher.singleton().findSchemaOrThrow("aten::_scaled_mm", ""));
    }

    /**
     * {@code (a * scaleA) (b * scaleB) + bias} in bfloat16. The CPU has no such kernel: there the
     * operands are widened and multiplied in float32, so that the cost in quality can be measured
     * without a GPU.
     *
     * @param a float8, shape (m, k), rows contiguous
     * @param b float8, shape (k, n), columns contiguous
     * @param scaleA float32, shape (m, 1)
     * @param scaleB float32, shape (1, n)
     * @param bias bfloat16, shape (n)
     */
    Tensor apply(Tensor a, Tensor b, Tensor scaleA, Tensor scaleB, Tensor bias) {
        if (!a.is_cuda()) {
            Tensor left = a.to(ScalarType.Float).mul(scaleA);
            Tensor right = b.to(ScalarType.Float).mul(scaleB);
            return left.matmul(right).add(bias).to(ScalarType.BFloat16);
        }
        try (var stack =
                new IValueVector(
                        new IValue(a),
                        new IValue(b),
                        new IValue(scaleA),
                        new IValue(scaleB),
                        new IValue(bias),
                        new IValue(),
                        new IValue(ScalarType.BFloat16),
                        new IValue(true))) {
            operator.callBoxed(stack);
            // The stack's own tensor dies with the stack.
            return new Tensor(stack.back().toTensor());
        }
    }
}
