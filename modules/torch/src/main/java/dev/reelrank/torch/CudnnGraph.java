package dev.reelrank.torch;

import static dev.reelrank.torch.CudnnDescriptors.check;
import static dev.reelrank.torch.CudnnDescriptors.finish;
import static dev.reelrank.torch.CudnnDescriptors.set;
import static dev.reelrank.torch.CudnnDescriptors.setPointers;
import static dev.reelrank.torch.CudnnDescriptors.why;
import static org.bytedeco.cuda.global.cudnn.*;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.cuda.cudnn.cudnnBackendDescriptor_t;
import org.bytedeco.cuda.cudnn.cudnnContext;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerPointer;
import org.bytedeco.pytorch.global.torch_cuda;
import org.jspecify.annotations.Nullable;

/**
 * A graph of operations that cuDNN runs as one kernel: tensors and operations are described, {@link
 * #plan} finds an engine, {@link #run} starts it on libtorch's stream. Shapes have four dimensions.
 * Computation is in float32.
 */
final class CudnnGraph implements AutoCloseable {
    private final TorchDevice device;
    private final cudnnContext handle = new cudnnContext();
    private final CudnnDescriptors descriptors = new CudnnDescriptors();
    private final List<cudnnBackendDescriptor_t> operations = new ArrayList<>();
    private long lastId;
    private @Nullable cudnnBackendDescriptor_t plan;
    private long workspaceBytes;

    /**
     * A tensor of the graph.
     *
     * @param id its number in the graph
     */
    record Node(long id, cudnnBackendDescriptor_t descriptor, long[] shape, long[] strides) {}

    CudnnGraph(TorchDevice device) {
        this.device = device;
        device.makeCurrent();
        check(cudnnCreate(handle), "start cuDNN");
        TensorScope.outlive(handle);
    }

    /** A tensor in device memory. */
    Node tensor(int dtype, long[] shape, long[] strides) {
        return tensor(dtype, shape, strides, false, false);
    }

    /** One float32 number in device memory. */
    Node scalar() {
        return tensor(CUDNN_DATA_FLOAT, ONES, ONES);
    }

    /** One float32 number in host memory. */
    Node hostScalar() {
        return tensor(CUDNN_DATA_FLOAT, ONES, ONES, false, true);
    }

    private static final long[] ONES = {1, 1, 1, 1};

    private Node between(int dtype, long[] shape, long[] strides) {
        return tensor(dtype, shape, strides, true, false);
    }

    private Node tensor(int dtype, long[] shape, long[] strides, boolean virtual, boolean host) {
        var it = descriptors.create(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
        long id = ++lastId;
        set(it, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, dtype);
        set(it, CUDNN_ATTR_TENSOR_DIMENSIONS, shape);
        set(it, CUDNN_ATTR_TENSOR_STRIDES, strides);
        set(it, CUDNN_ATTR_TENSOR_UNIQUE_ID, new long[] {id});
        set(it, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, new long[] {16});
        if (virtual) {
            set(it, CUDNN_ATTR_TENSOR_IS_VIRTUAL, true);
        }
        if (host) {
            set(it, CUDNN_ATTR_TENSOR_IS_BY_VALUE, true);
        }
        finish(it, "describe a tensor");
        return new Node(id, it, shape, strides);
    }

    /** One int32 number in device memory. */
    Node count() {
        return tensor(CUDNN_DATA_INT32, ONES, ONES);
    }

    /**
     * The product of two tensors of matrices, float32 between operations.
     *
     * @param rows how many rows of a count, from the first on
     * @param columns how many columns of b count; null for all
     * @param inner how many columns of a and rows of b count; null for all
     */
    Node matmul(Node a, Node b, Node rows, @Nullable Node columns, @Nullable Node inner) {
        long[] shape = {a.shape[0], a.shape[1], a.shape[2], b.shape[3]};
        Node c = between(CUDNN_DATA_FLOAT, shape, packed(shape));
        var kind = descriptors.create(CUDNN_BACKEND_MATMUL_DESCRIPTOR);
        set(kind, CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
        finish(kind, "describe a product");
        var it = descriptors.create(CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
        set(it, CUDNN_ATTR_OPERATION_MATMUL_ADESC, a.descriptor);
        set(it, CUDNN_ATTR_OPERATION_MATMUL_BDESC, b.descriptor);
        set(it, CUDNN_ATTR_OPERATION_MATMUL_CDESC, c.descriptor);
        set(it, CUDNN_ATTR_OPERATION_MATMUL_DESC, kind);
        set(it, CUDNN_ATTR_OPERATION_MATMUL_GEMM_M_OVERRIDE_DESC, rows.descriptor);
        if (columns != null) {
            set(it, CUDNN_ATTR_OPERATION_MATMUL_GEMM_N_OVERRIDE_DESC, columns.descriptor);
        }
        if (inner != null) {
            set(it, CUDNN_ATTR_OPERATION_MATMUL_GEMM_K_OVERRIDE_DESC, inner.descriptor);
        }
        operation(it, "multiply");
        return c;
    }

    /** {@code x mode y} element by element, float32 between operations; y broadcasts. */
    Node pointwise(int mode, Node x, Node y) {
        return pointwise(mode, x, y, CUDNN_DATA_FLOAT);
    }

    /** The same with a result of another type. */
    Node pointwise(int mode, Node x, Node y, int dtype) {
        return pointwise(mode, x, y, between(dtype, x.shape, x.strides));
    }

    /** The same into a tensor. */
    Node pointwise(int mode, Node x, Node y, Node result) {
        return pointwise(mode, CUDNN_DATA_FLOAT, -1, x, y, null, result);
    }

    /** {@code mode x}, float32 between operations. */
    Node pointwise(int mode, Node x) {
        Node result = between(CUDNN_DATA_FLOAT, x.shape, x.strides);
        return pointwise(mode, CUDNN_DATA_FLOAT, -1, x, null, null, result);
    }

    /**
     * Keeps what lies before a row and a column, the rest becomes another number.
     *
     * @param x scores
     * @param rows an int32 number
     * @param columns an int32 number
     * @param other a float32 number
     */
    Node keepBefore(Node x, Node rows, Node columns, Node other) {
        Node inRows = before(x, 2, rows);
        Node inColumns = before(x, 3, columns);
        Node inside =
                pointwise(
                        CUDNN_POINTWISE_LOGICAL_AND,
                        CUDNN_DATA_BOOLEAN,
                        -1,
                        inRows,
                        inColumns,
                        null,
                        between(CUDNN_DATA_BOOLEAN, x.shape, x.strides));
        return pointwise(
                CUDNN_POINTWISE_BINARY_SELECT,
                CUDNN_DATA_FLOAT,
                -1,
                x,
                other,
                inside,
                between(CUDNN_DATA_FLOAT, x.shape, x.strides));
    }

    private Node before(Node x, int axis, Node end) {
        Node index =
                pointwise(
                        CUDNN_POINTWISE_GEN_INDEX,
                        CUDNN_DATA_INT32,
                        axis,
                        x,
                        null,
                        null,
                        between(CUDNN_DATA_INT32, x.shape, x.strides));
        return pointwise(
                CUDNN_POINTWISE_CMP_LT,
                CUDNN_DATA_BOOLEAN,
                -1,
                index,
                end,
                null,
                between(CUDNN_DATA_BOOLEAN, x.shape, x.strides));
    }

    private Node pointwise(
            int mode,
            int type,
            int axis,
            Node x,
            @Nullable Node y,
            @Nullable Node chooser,
            Node result) {
        var kind = descriptors.create(CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
        set(kind, CUDNN_ATTR_POINTWISE_MODE, CUDNN_TYPE_POINTWISE_MODE, mode);
        set(kind, CUDNN_ATTR_POINTWISE_MATH_PREC, CUDNN_TYPE_DATA_TYPE, type);
        if (axis >= 0) {
            set(kind, CUDNN_ATTR_POINTWISE_AXIS, new long[] {axis});
        }
        finish(kind, "describe an operation");
        var it = descriptors.create(CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
        set(it, CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, kind);
        set(it, CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x.descriptor);
        if (y != null) {
            set(it, CUDNN_ATTR_OPERATION_POINTWISE_BDESC, y.descriptor);
        }
        if (chooser != null) {
            set(it, CUDNN_ATTR_OPERATION_POINTWISE_TDESC, chooser.descriptor);
        }
        set(it, CUDNN_ATTR_OPERATION_POINTWISE_YDESC, result.descriptor);
        operation(it, "compute element by element");
        return result;
    }

    /** Reduces the last dimension, float32 between operations. */
    Node reduceRows(int mode, Node x) {
        long[] shape = {x.shape[0], x.shape[1], x.shape[2], 1};
        return reduce(mode, x, between(CUDNN_DATA_FLOAT, shape, packed(shape)));
    }

    /** Reduces into a tensor whose shape says which dimensions go. */
    Node reduce(int mode, Node x, Node result) {
        var kind = descriptors.create(CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
        set(kind, CUDNN_ATTR_REDUCTION_OPERATOR, CUDNN_TYPE_REDUCTION_OPERATOR_TYPE, mode);
        set(kind, CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, CUDNN_DATA_FLOAT);
        finish(kind, "describe a reduction");
        var it = descriptors.create(CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
        set(it, CUDNN_ATTR_OPERATION_REDUCTION_XDESC, x.descriptor);
        set(it, CUDNN_ATTR_OPERATION_REDUCTION_YDESC, result.descriptor);
        set(it, CUDNN_ATTR_OPERATION_REDUCTION_DESC, kind);
        operation(it, "reduce");
        return result;
    }

    static long[] packed(long[] shape) {
        return new long[] {shape[1] * shape[2] * shape[3], shape[2] * shape[3], shape[3], 1};
    }

    /**
     * Finds an engine for all operations.
     *
     * @throws StageException INVALID_CONFIG when this cuDNN has none for this GPU
     */
    void plan() {
        var graph = descriptors.create(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
        setPointers(graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, handle);
        setPointers(
                graph,
                CUDNN_ATTR_OPERATIONGRAPH_OPS,
                CUDNN_TYPE_BACKEND_DESCRIPTOR,
                operations.toArray(Pointer[]::new));
        finish(graph, "take the graph");
        var heuristics = descriptors.create(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
        set(heuristics, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
        set(heuristics, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, CUDNN_HEUR_MODE_A);
        finish(heuristics, "find an engine for the graph");
        int status = CUDNN_STATUS_SUCCESS;
        for (var choice : choices(heuristics)) {
            var candidate = descriptors.create(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
            setPointers(candidate, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, handle);
            set(candidate, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, choice);
            status = cudnnBackendFinalize(candidate);
            if (status == CUDNN_STATUS_SUCCESS) {
                var bytes = new LongPointer(1);
                check(
                        cudnnBackendGetAttribute(
                                candidate,
                                CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                CUDNN_TYPE_INT64,
                                1,
                                new LongPointer(1),
                                bytes),
                        "measure a plan");
                plan = candidate;
                workspaceBytes = bytes.get();
                return;
            }
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG,
                "cuDNN "
                        + cudnnGetVersion()
                        + " has no engine for this graph here: "
                        + why(status));
    }

    private List<cudnnBackendDescriptor_t> choices(cudnnBackendDescriptor_t heuristics) {
        var count = new LongPointer(1);
        check(
                cudnnBackendGetAttribute(
                        heuristics,
                        CUDNN_ATTR_ENGINEHEUR_RESULTS,
                        CUDNN_TYPE_BACKEND_DESCRIPTOR,
                        0,
                        count,
                        new PointerPointer<>()),
                "count engines");
        int most = (int) count.get();
        var choices = new ArrayList<cudnnBackendDescriptor_t>();
        var slots = new PointerPointer<cudnnBackendDescriptor_t>(Math.max(1, most));
        for (int i = 0; i < most; i++) {
            var choice = descriptors.create(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
            choices.add(choice);
            slots.put(i, choice);
        }
        check(
                cudnnBackendGetAttribute(
                        heuristics,
                        CUDNN_ATTR_ENGINEHEUR_RESULTS,
                        CUDNN_TYPE_BACKEND_DESCRIPTOR,
                        most,
                        count,
                        slots),
                "list engines");
        return choices.subList(0, (int) count.get());
    }

    /** Bytes of scratch memory {@link #run} wants. */
    long workspaceBytes() {
        return workspaceBytes;
    }

    /**
     * Queues the graph on libtorch's stream.
     *
     * @param data where each tensor that is not between operations lies
     */
    void run(Map<Node, Pointer> data, Pointer workspace) {
        device.makeCurrent();
        try (var scope = TensorScope.open()) {
            var stream = torch_cuda.getCurrentCUDAStream((byte) device.device().index()).stream();
            check(cudnnSetStream(handle, stream), "use libtorch's stream");
            var pack = new cudnnBackendDescriptor_t();
            check(cudnnBackendCreateDescriptor(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR, pack), "run");
            try {
                var ordered = new LinkedHashMap<>(data);
                set(
                        pack,
                        CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS,
                        ordered.keySet().stream().mapToLong(Node::id).toArray());
                setPointers(
                        pack,
                        CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS,
                        CUDNN_TYPE_VOID_PTR,
                        ordered.values().toArray(Pointer[]::new));
                setPointers(
                        pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, workspace);
                finish(pack, "take the tensors");
                check(cudnnBackendExecute(handle, plan, pack), "run the graph");
            } finally {
                cudnnBackendDestroyDescriptor(pack);
            }
        }
    }

    private void operation(cudnnBackendDescriptor_t operation, String what) {
        finish(operation, what);
        operations.add(operation);
    }

    @Override
    public void close() {
        descriptors.close();
        cudnnDestroy(handle);
        handle.releaseReference();
    }
}
