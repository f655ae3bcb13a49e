package dev.reelrank.torch;

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
     * Runs the work in this queue and waits for it, not for what is queued in the first. Opens no
     * scope: what the work makes belongs to whom it would belong to elsewhere.
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
        } finally {
            torch_cuda.setCurrentCUDAStream(first);
            first.releaseReference();
        }
    }

    @Override
    public void close() {
        if (stream != null) {
            stream.releaseReference();
        }
    }
}
