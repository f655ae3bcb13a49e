package dev.reelrank.torch;

import java.util.function.Supplier;
import org.bytedeco.cuda.cudart.CUgraphExec_st;
import org.bytedeco.cuda.cudart.CUgraph_st;
import org.bytedeco.cuda.cudart.CUstream_st;
import org.bytedeco.cuda.global.cudart;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.cuda.CUDAStream;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * A sequence of GPU work of fixed shapes, recorded once and replayed with one call: what takes the
 * cost of a thousand launches out of a small step.
 *
 * <p>The work runs on a stream of its own, which {@link #open} makes the thread's current one and
 * {@link #close} gives back. Everything that reads or writes the recorded tensors in between runs
 * there too, in order. Memory that the recording used and freed stays with that stream in
 * libtorch's allocator, so a replay writes over nothing of anybody else, as long as nobody empties
 * the allocator's cache while the graph is open.
 *
 * <p>The body must do the same work on the same tensors each time: inputs are tensors that live
 * outside and are written in place, no value is read back inside.
 */
public final class CudaGraph implements AutoCloseable {
    private final TorchDevice device;
    private final CUDAStream before;
    private final CUDAStream stream;
    private final CUstream_st handle;
    private final Parameters owned = new Parameters();
    private @Nullable CUgraphExec_st executable;

    private CudaGraph(TorchDevice device) {
        this.device = device;
        try (var scope = TensorScope.open()) {
            byte index = (byte) device.device().index();
            before = owned.own(torch_cuda.getCurrentCUDAStream(index));
            stream = owned.own(torch_cuda.getStreamFromPool(false, index));
            handle = owned.own(stream.stream());
        }
    }

    /** Waits for the device and makes a new stream the thread's current one. */
    public static CudaGraph open(TorchDevice device) {
        if (!device.isCuda()) {
            throw new IllegalArgumentException("there are no CUDA graphs on " + device);
        }
        device.synchronize();
        var graph = new CudaGraph(device);
        torch_cuda.setCurrentCUDAStream(graph.stream);
        return graph;
    }

    /**
     * Runs the body twice to warm up libraries and memory, then records it without running it.
     *
     * @param body returns the tensor that each replay fills anew
     * @param restore puts back what the two warm-up runs changed
     * @return the body's tensor, valid until this graph closes
     */
    public Tensor record(Supplier<Tensor> body, Runnable restore) {
        for (int i = 0; i < 2; i++) {
            TensorScope.compute(body).close();
        }
        TensorScope.run(restore);
        stream.synchronize();
        // Relaxed: the allocator may ask the driver for memory while the work is recorded.
        check(cudart.cudaStreamBeginCapture(handle, cudart.cudaStreamCaptureModeRelaxed), "begin");
        var graph = new CUgraph_st();
        Tensor result;
        try (var scope = TensorScope.open()) {
            try {
                result = owned.own(body.get());
            } finally {
                check(cudart.cudaStreamEndCapture(handle, graph), "end");
            }
        }
        executable = new CUgraphExec_st();
        check(cudart.cudaGraphInstantiate(executable, graph, 0), "instantiate");
        check(cudart.cudaGraphDestroy(graph), "destroy");
        return result;
    }

    /** Does the recorded work once more; returns at once. */
    public void replay() {
        check(cudart.cudaGraphLaunch(executable, handle), "launch");
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
        stream.synchronize();
        torch_cuda.setCurrentCUDAStream(before);
        if (executable != null) {
            cudart.cudaGraphExecDestroy(executable);
        }
        owned.close();
        device.synchronize();
    }
}
