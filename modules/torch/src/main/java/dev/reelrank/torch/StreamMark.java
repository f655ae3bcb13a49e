package dev.reelrank.torch;

import org.bytedeco.pytorch.cuda.CUDAEvent;
import org.bytedeco.pytorch.global.torch_cuda;

/** A place in a GPU's queue, which another queue can wait for. */
public final class StreamMark implements AutoCloseable {
    private final byte index;
    private final CUDAEvent event;

    private StreamMark(byte index, CUDAEvent event) {
        this.index = index;
        this.event = event;
    }

    /** After all that is in the current queue now. */
    public static StreamMark of(TorchDevice device) {
        byte index = (byte) device.device().index();
        try (var scope = TensorScope.open()) {
            var event = new CUDAEvent();
            event.record(torch_cuda.getCurrentCUDAStream(index));
            return new StreamMark(index, TensorScope.outlive(event));
        }
    }

    /** What is queued from now on begins after the mark; returns at once. */
    public void await() {
        try (var scope = TensorScope.open()) {
            event.block(torch_cuda.getCurrentCUDAStream(index));
        }
    }

    /** Waits until the GPU has come to the mark. */
    void reached() {
        event.synchronize();
    }

    @Override
    public void close() {
        event.releaseReference();
    }
}
