package dev.reelrank.torch;

import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/**
 * Short names for what model code does all the time. Everything returned belongs to the open {@link
 * TensorScope}.
 */
public final class Ops {
    private Ops() {}

    /** A float32 CPU tensor with a copy of these values; one length of the shape may be -1. */
    public static Tensor tensor(float[] values, long... shape) {
        TorchRuntime.start();
        return Tensor.create(values, values.length).reshape(shape);
    }

    /** An int64 CPU tensor with a copy of these values; one length of the shape may be -1. */
    public static Tensor tensor(long[] values, long... shape) {
        TorchRuntime.start();
        return Tensor.create(values, values.length).reshape(shape);
    }

    /** The values as float32, in row order. */
    public static float[] floats(Tensor tensor) {
        float[] values = new float[Math.toIntExact(tensor.numel())];
        floats(tensor, values);
        return values;
    }

    /**
     * Writes the values as float32, in row order.
     *
     * @param values as many as the tensor has
     */
    public static void floats(Tensor tensor, float[] values) {
        if (tensor.numel() != values.length) {
            throw new IllegalArgumentException(
                    "%d values for a tensor of %d".formatted(values.length, tensor.numel()));
        }
        // In row order before it leaves a GPU, which reorders faster than the host.
        Tensor ordered = tensor.contiguous();
        if (ordered.is_cuda()) {
            PinnedCopy.floats(ordered, values);
        } else {
            to(ordered, DType.FLOAT32).data_ptr_float().get(values);
        }
    }

    /** The values as int64, in row order. */
    public static long[] longs(Tensor tensor) {
        Tensor host = tensor.to(cpu(), torch.ScalarType.Long).contiguous();
        long[] values = new long[Math.toIntExact(host.numel())];
        host.data_ptr_long().get(values);
        return values;
    }

    /** The values as unsigned bytes, in row order; the tensor holds uint8. */
    public static byte[] bytes(Tensor tensor) {
        Tensor host = tensor.to(cpu(), torch.ScalarType.Byte).contiguous();
        byte[] values = new byte[Math.toIntExact(host.numel())];
        new BytePointer(host.data_ptr()).capacity(values.length).get(values);
        return values;
    }

    /** A uint8 CPU tensor with a copy of these bytes; one length of the shape may be -1. */
    public static Tensor tensor(byte[] values, long... shape) {
        TorchRuntime.start();
        Tensor tensor = zeros(TorchDevice.cpu(), DType.UINT8, values.length);
        new BytePointer(tensor.data_ptr()).capacity(values.length).put(values);
        return tensor.reshape(shape);
    }

    private static org.bytedeco.pytorch.Device cpu() {
        return new org.bytedeco.pytorch.Device("cpu");
    }

    public static Tensor zeros(TorchDevice device, DType dtype, long... shape) {
        return torch.zeros(shape, device.options(dtype));
    }

    /** Values are whatever lay in memory. */
    public static Tensor empty(TorchDevice device, DType dtype, long... shape) {
        return torch.empty(shape, device.options(dtype), new MemoryFormatOptional());
    }

    public static Tensor cat(long dim, Tensor... parts) {
        return torch.cat(new TensorVector(parts), dim);
    }

    public static Tensor stack(long dim, Tensor... parts) {
        return torch.stack(new TensorVector(parts), dim);
    }

    /** Elements {@code from} (inclusive) to {@code to} (exclusive) along a dimension, a view. */
    public static Tensor slice(Tensor tensor, long dim, long from, long to) {
        return tensor.slice(dim, new LongOptional(from), new LongOptional(to), 1);
    }

    public static Tensor add(Tensor tensor, double value) {
        return tensor.add(new Scalar(value));
    }

    public static Tensor mul(Tensor tensor, double value) {
        return tensor.mul(new Scalar(value));
    }

    /**
     * Whether every value is a finite number: one pass over memory, without a copy. Waits for the
     * device.
     */
    public static boolean isFinite(Tensor tensor) {
        DType dtype = DType.of(tensor);
        if (!dtype.isFloating() || tensor.numel() == 0) {
            return true;
        }
        try (var scope = TensorScope.open()) {
            // libtorch compares no float8.
            Tensor values = dtype.bytes() == 1 ? to(tensor, DType.FLOAT16) : tensor;
            return Double.isFinite(spread(values).item_double());
        }
    }

    /**
     * The greatest value less the least, float64, where the tensor is: not finite if one value is
     * not.
     *
     * @param tensor floating, with at least one value
     */
    public static Tensor spread(Tensor tensor) {
        return TensorScope.compute(
                () -> {
                    // The least and the greatest value are not numbers if one value is none.
                    var range = torch.aminmax(tensor);
                    return to(range.get1(), DType.FLOAT64).sub(to(range.get0(), DType.FLOAT64));
                });
    }

    /** Converted to this element type where it is. */
    public static Tensor to(Tensor tensor, DType dtype) {
        return tensor.to(dtype.scalarType());
    }

    /** GELU in its tanh approximation. */
    public static Tensor gelu(Tensor tensor) {
        return torch.gelu(tensor, "tanh");
    }

    /** GELU by the error function. */
    public static Tensor geluExact(Tensor tensor) {
        return torch.gelu(tensor);
    }

    /** {@code x * sigmoid(x)}. */
    public static Tensor silu(Tensor tensor) {
        return torch.silu(tensor);
    }

    /** Softmax computed and returned in float32. */
    public static Tensor softmaxFloat(Tensor tensor, long dim) {
        return torch.softmax(tensor, dim, new ScalarTypeOptional(torch.ScalarType.Float));
    }
}
