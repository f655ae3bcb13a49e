package dev.reelrank.torch;

import java.util.Arrays;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;

/**
 * Matrix products that end in an activation, which cuBLASLt applies before anything is written:
 * {@code aten::_addmm_activation}, called through the dispatcher.
 */
final class Epilogue {
    private Epilogue() {}

    private static final class Operator {
        static final OperatorHandle ADD_PRODUCT =
                TensorScope.outlive(
                        Dispatcher.singleton().findSchemaOrThrow("aten::_addmm_activation", ""));
    }

    /** GELU (tanh approximation) of {@code x weight^T + bias}, without gradients. */
    static Tensor linearGelu(Tensor x, Tensor weight, TensorOptional bias) {
        return TensorScope.compute(
                () -> {
                    long[] shape = x.shape();
                    long[] result = Arrays.copyOf(shape, shape.length);
                    result[result.length - 1] = weight.size(0);
                    try (var stack =
                            new IValueVector(
                                    new IValue(bias.get()),
                                    new IValue(x.reshape(-1, weight.size(1))),
                                    new IValue(weight.t()),
                                    new IValue(1L),
                                    new IValue(1L),
                                    new IValue(true))) {
                        Operator.ADD_PRODUCT.callBoxed(stack);
                        return new Tensor(stack.back().toTensor()).view(result);
                    }
                });
    }
}
