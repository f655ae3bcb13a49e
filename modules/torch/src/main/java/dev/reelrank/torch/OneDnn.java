package dev.reelrank.torch;

import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.NumberType;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.OptionalType;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/** oneDNN's linear layer, {@code mkldnn::_linear_pointwise}, called through the dispatcher. */
final class OneDnn {
    private OneDnn() {}

    private static final class Operator {
        static final OperatorHandle LINEAR;
        static final IValue NONE;
        static final IValue GELU;
        static final IValue NO_SCALARS;
        static final IValue NO_ALGORITHM;
        static final IValue TANH;
        static final boolean BFLOAT16;

        static {
            try (var scope = TensorScope.open()) {
                LINEAR =
                        keep(
                                Dispatcher.singleton()
                                        .findSchemaOrThrow("mkldnn::_linear_pointwise", ""));
                NONE = keep(new IValue("none"));
                GELU = keep(new IValue("gelu"));
                TANH = keep(new IValue("tanh"));
                var optional =
                        keep(
                                OptionalType.get(
                                        new Type.TypePtr(NumberType.getNumberIntTypePtr().get())));
                NO_SCALARS = keep(new IValue(keep(new GenericList(optional))));
                NO_ALGORITHM = keep(new IValue());
                BFLOAT16 = asked("mkldnn::_is_mkldnn_bf16_supported");
            }
        }

        private static boolean asked(String question) {
            try (var stack = new IValueVector()) {
                Dispatcher.singleton().findSchemaOrThrow(question, "").callBoxed(stack);
                return stack.back().toBool();
            }
        }

        private static <P extends Pointer> P keep(P pointer) {
            return TensorScope.outlive(pointer);
        }
    }

    /**
     * Whether it multiplies numbers of this type here: float32 everywhere, bfloat16 where the
     * processor has instructions for it.
     */
    static boolean computes(DType dtype) {
        TorchRuntime.start();
        return torch.hasMKLDNN()
                && switch (dtype) {
                    case FLOAT32 -> true;
                    case BFLOAT16 -> Operator.BFLOAT16;
                    default -> false;
                };
    }

    /** {@code x weight^T + bias}, without gradients. */
    static Tensor linear(Tensor x, Tensor weight, TensorOptional bias) {
        return linear(x, weight, bias, Operator.NONE, Operator.NO_ALGORITHM);
    }

    /** GELU (tanh approximation) of {@code x weight^T + bias}, without gradients. */
    static Tensor linearGelu(Tensor x, Tensor weight, TensorOptional bias) {
        return linear(x, weight, bias, Operator.GELU, Operator.TANH);
    }

    private static Tensor linear(
            Tensor x, Tensor weight, TensorOptional bias, IValue activation, IValue algorithm) {
        try (var stack =
                new IValueVector(
                        new IValue(x),
                        new IValue(weight),
                        bias.has_value() ? new IValue(bias.get()) : new IValue(),
                        activation,
                        Operator.NO_SCALARS,
                        algorithm)) {
            Operator.LINEAR.callBoxed(stack);
            // The stack's own tensor dies with the stack.
            return new Tensor(stack.back().toTensor());
        }
    }
}
