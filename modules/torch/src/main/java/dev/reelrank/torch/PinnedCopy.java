package dev.reelrank.torch;

import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Copies values of a GPU into arrays of Java through a little pinned memory, which libtorch keeps
 * for the next time. Into other memory the driver copies through a buffer of its own, and fresh
 * pages of it are made one by one.
 */
final class PinnedCopy {
    /** Values in a piece, 16 MiB: large enough for full speed, and little to keep. */
    private static final int PIECE = 4 << 20;

    private PinnedCopy() {}

    /**
     * Copies values as float32, a piece at a time: nothing takes the tensor's size once more.
     *
     * @param tensor on a GPU, in row order
     * @param values as many as the tensor has
     */
    static void floats(Tensor tensor, float[] values) {
        int most = Math.min(PIECE, values.length);
        try (var scope = TensorScope.open()) {
            var options =
                    TorchDevice.cpu().options(DType.FLOAT32).pinned_memory(new BoolOptional(true));
            Tensor pinned = torch.empty(new long[] {most}, options, new MemoryFormatOptional());
            FloatPointer memory = pinned.data_ptr_float();
            Tensor flat = tensor.flatten();
            for (int from = 0; from < values.length; from += most) {
                int count = Math.min(most, values.length - from);
                copy(flat.narrow(0, from, count), pinned.narrow(0, 0, count));
                memory.get(values, from, count);
            }
        }
    }

    private static void copy(Tensor piece, Tensor pinned) {
        try (var scope = TensorScope.open()) {
            pinned.copy_(Ops.to(piece, DType.FLOAT32));
        }
    }
}
