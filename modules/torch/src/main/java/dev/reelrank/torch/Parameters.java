package dev.reelrank.torch;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.IdentityHashMap;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * Owns what outlives scopes: a model's weights and constants. Closing it frees them all; a model
 * closes its parameters and nothing else.
 */
public final class Parameters implements AutoCloseable {
    private final Deque<Pointer> owned = new ArrayDeque<>();
    private final IdentityHashMap<Tensor, Tensor> home = new IdentityHashMap<>();
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

    /**
     * Copies every tensor to another device until {@link #leave}; who uses them sees the copies.
     * Nothing happens while they visit already, and nothing has happened where that fails: all are
     * at home then.
     */
    public void visit(TorchDevice device) {
        if (!home.isEmpty()) {
            return;
        }
        try (var scope = TensorScope.open()) {
            for (Pointer pointer : owned) {
                if (pointer instanceof Tensor tensor && tensor.defined()) {
                    Tensor original = TensorScope.outlive(tensor.detach());
                    home.put(tensor, original);
                    tensor.set_data(device.place(tensor, DType.of(tensor)));
                }
            }
        } catch (RuntimeException e) {
            try {
                leave();
            } catch (RuntimeException leaving) {
                e.addSuppressed(leaving);
            }
            throw e;
        }
    }

    /** Whether copies are used, from {@link #visit} to {@link #leave}. */
    public boolean visiting() {
        return !home.isEmpty();
    }

    /**
     * Ends a visit: the originals are used again, the copies are freed when the work queued so far
     * is done.
     */
    public void leave() {
        home.forEach(
                (tensor, original) -> {
                    usedUntilNow(tensor);
                    tensor.set_data(original);
                    original.releaseReference();
                });
        home.clear();
    }

    /** Copies made in another queue must not be reused before this queue is done with them. */
    private static void usedUntilNow(Tensor tensor) {
        if (tensor.is_cuda()) {
            try (var scope = TensorScope.open()) {
                tensor.record_stream(
                        torch_cuda.getCurrentCUDAStream(tensor.device().index()).unwrap());
            }
        }
    }

    /** Bytes of all tensors owned; tensors sharing storage count each. */
    public long bytes() {
        return bytes;
    }

    @Override
    public void close() {
        leave();
        while (!owned.isEmpty()) {
            owned.pop().releaseReference();
        }
        bytes = 0;
    }
}
