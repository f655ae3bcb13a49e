package dev.reelrank.torch;

import java.util.Objects;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * A second queue of a GPU: what runs in it, copies for example, goes on beside what is queued in
 * the first. On the CPU work runs as it comes.
 */
public final class SideStream implements AutoCloseable {
    private final TorchDevice device;
    private final @Nullable CUDAStream stream;
    private @Nullable StreamMark last;

    public SideStream(TorchDevice device) {
        this.device = device;
        if (!device.isCuda()) {
            stream = null;
            return;
        }
        try (var scope = TensorScope.open()) {
            stream =
                    TensorScope.outlive(
                            torch_cuda.getStreamFromPool(false, (byte) device.device().index()));
        }
    }

    /**
     * Runs the work in this queue and waits for it, not for what is queued in the first, even if
     * the work fails: nothing of it is under way afterwards. Opens no scope: what the work makes
     * belongs to whom it would belong to elsewhere.
     */
    public void run(Runnable work) {
        if (stream == null) {
            work.run();
            return;
        }
        CUDAStream first;
        try (var scope = TensorScope.open()) {
            first =
                    TensorScope.outlive(
                            torch_cuda.getCurrentCUDAStream((byte) device.device().index()));
            torch_cuda.setCurrentCUDAStream(stream);
        }
        try {
            work.run();
            stream.synchronize();
        } catch (RuntimeException | Error e) {
            endAfter(e);
            throw e;
        } finally {
            torch_cuda.setCurrentCUDAStream(first);
            first.releaseReference();
        }
    }

    private void endAfter(Throwable failure) {
        try {
            Objects.requireNonNull(stream).synchronize();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /**
     * Lets the host be at most one call ahead of the GPU: waits until the GPU has done what the
     * first queue held when this was called before. What is copied for each piece of work would
     * pile up on the GPU otherwise, for copies are faster than the work. On the CPU nothing
     * happens.
     */
    public void keepPace() {
        if (stream == null) {
            return;
        }
        var now = StreamMark.of(device);
        var before = last;
        last = now;
        if (before != null) {
            try {
                before.reached();
            } finally {
                before.close();
            }
        }
    }

    @Override
    public void close() {
        if (last != null) {
            last.close();
            last = null;
        }
        if (stream != null) {
            stream.releaseReference();
        }
    }
}
