package dev.reelrank.torch;

import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;

/**
 * A sequence of GPU work of fixed shapes, recorded once and replayed with one call: what takes the
 * cost of a thousand launches out of a small step.
 *
 * <p>The body must do the same work on the same tensors each time: inputs are tensors that live
 * outside and are written in place, nothing is read back to the host inside.
 *
 * <p>It is recorded on a stream of its own and replayed on the current one. libtorch's allocator
 * keeps memory by stream, so memory that the recording used and freed is not given to other code,
 * as long as no code empties the allocator's cache while the graph is open.
 */
public final class CudaGraph implements AutoCloseable {
    private final CUgraphExec_st executable;
    private final Parameters owned;
    private final Tensor result;
    private final TorchDevice device;

    private CudaGraph(
            CUgraphExec_st executable, Parameters owned, Tensor result, TorchDevice device) {
        this.executable = executable;
        this.owned = owned;
        this.result = result;
        this.device = device;
    }

    /**
     * Runs the body twice, which warms up libraries and memory, then records it without running it.
     *
     * @param body returns the tensor that each replay fills anew
     * @throws IllegalStateException when CUDA refuses
     */
    public static CudaGraph record(TorchDevice device, Supplier<Tensor> body) {
        if (!device.isCuda()) {
            throw new IllegalArgumentException("CUDA graphs are not available on " + device);
        }
        device.synchronize();
        byte index = (byte) device.device().index();
        var owned = new Parameters();
        try (var scope = TensorScope.open()) {
            var before = torch_cuda.getCurrentCUDAStream(index);
            var stream = torch_cuda.getStreamFromPool(false, index);
            torch_cuda.setCurrentCUDAStream(stream);
            try {
                for (int i = 0; i < 2; i++) {
                    TensorScope.run(() -> keep(body.get()));
                }
                stream.synchronize();
                return capture(stream, body, owned, device);
            } finally {
                torch_cuda.setCurrentCUDAStream(before);
                device.synchronize();
            }
        } catch (RuntimeException e) {
            owned.close();
            throw e;
        }
    }

    private static void keep(Tensor warm) {
        if (!warm.defined()) {
            throw new IllegalStateException("the body of a graph returned no tensor");
        }
    }

    private static CudaGraph capture(
            CUDAStream stream, Supplier<Tensor> body, Parameters owned, TorchDevice device) {
        CUstream_st handle = stream.stream();
        var graph = new CUgraph_st();
        // Relaxed: the allocator may ask the driver for memory while the work is recorded.
        check(cudart.cudaStreamBeginCapture(handle, cudart.cudaStreamCaptureModeRelaxed), "begin");
        Tensor result;
        try {
            result = owned.own(body.get());
        } finally {
            check(cudart.cudaStreamEndCapture(handle, graph), "end");
        }
        var executable = new CUgraphExec_st();
        check(cudart.cudaGraphInstantiate(executable, graph, 0), "instantiate");
        check(cudart.cudaGraphDestroy(graph), "destroy");
        return new CudaGraph(executable, owned, result, device);
    }

    /**
     * Replays the recorded work after the work that is queued on the current stream; returns at
     * once.
     *
     * @return the body's tensor: the same memory each time, valid until this graph closes
     */
    public Tensor replay() {
        // The default stream's handle is the same on every GPU: it is the one of the current GPU.
        device.makeCurrent();
        try (var scope = TensorScope.open()) {
            var stream = torch_cuda.getCurrentCUDAStream((byte) device.device().index()).stream();
            check(cudart.cudaGraphLaunch(executable, stream), "launch");
        }
        return result;
    }

    private static void check(int status, String what) {
        if (status != 0) {
            throw new IllegalStateException(
                    "CUDA could not %s a graph: %s"
                            .formatted(what, cudart.cudaGetErrorString(status).getString()));
        }
    }

    @Override
    public void close() {
        device.synchronize();
        check(cudart.cudaGraphExecDestroy(executable), "destroy");
        owned.close();
    }
}
