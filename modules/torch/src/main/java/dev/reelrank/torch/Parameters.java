package dev.reelrank.torch;

import java.util.ArrayDeque;
import java.util.Deque;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;

/**
 * Owns what outlives scopes: a model's weights and constants. Closing it frees them all; a model
 * closes its parameters and nothing else.
 */
public final class Parameters implements AutoCloseable {
    private final Deque<Pointer> owned = new ArrayDeque<>();
    private long bytes;

    /** Keeps the pointer (a tensor, an optional, a scalar) until these parameters close. */
    public <P extends Pointer> P own(P pointer) {
        TensorScope.outlive(pointer);
        owned.push(pointer);
        if (pointer instanceof Tensor tensor && tensor.defined()) {
            bytes += tensor.nbytes();
        }
        return pointer;
    }

    /** Bytes of all tensors owned; tensors sharing storage count each. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        while (!owned.isEmpty()) {
            owned.pop().releaseReference();
        }
        bytes = 0;
    }
}
