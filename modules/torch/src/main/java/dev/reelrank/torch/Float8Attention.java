package dev.reelrank.torch;

import static org.bytedeco.cuda.global.cudnn.*;

import dev.reelrank.pipeline.StageException;
import java.util.LinkedHashMap;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * Attention whose products are taken in float8 e4m3, by cuDNN's fused kernel: queries, keys and
 * values come in float8 with one scale each, probabilities are rounded to float8 inside, sums are
 * float32. Needs a GPU of compute capability 9.0 or later and cuDNN 9.1 or later.
 *
 * <p>The kernel for the last shape is kept. One thread at a time may use an object.
 */
public final class Float8Attention implements AutoCloseable {
    private static final long TILE = 256;

    /** Probabilities are at most 1: this uses e4m3's whole range. */
    private static final float PROBABILITY_SCALE = 448f;

    private final TorchDevice device;
    private @Nullable Kernel kernel;

    /**
     * Three tensors in float8 and what it takes to multiply them.
     *
     * @param query float8, shape ({@link #padded} tokens, heads x head dim), contiguous; rows past
     *     the tokens are zeros
     * @param key like query
     * @param value like query
     * @param scales float32, shape (4): what one unit of query, key and value stands for, and the
     *     factor that brings the result into float8
     */
    public record Inputs(Tensor query, Tensor key, Tensor value, Tensor scales) {}

    private record Shape(long heads, long tokens, long headDim) {}

    /** The kernel is a tenth faster when no tile is cut: rows up to here are masked out. */
    public static long padded(long tokens) {
        return (tokens + TILE - 1) / TILE * TILE;
    }

    private record Kernel(
            Shape shape,
            CudnnGraph graph,
            CudnnGraph.Node query,
            CudnnGraph.Node key,
            CudnnGraph.Node value,
            CudnnGraph.Node scale,
            CudnnGraph.Node queryUnit,
            CudnnGraph.Node keyUnit,
            CudnnGraph.Node valueUnit,
            CudnnGraph.Node probabilityUnit,
            CudnnGraph.Node probabilityScale,
            CudnnGraph.Node resultScale,
            CudnnGraph.Node probabilityTop,
            CudnnGraph.Node resultTop,
            CudnnGraph.Node result,
            CudnnGraph.Node rows,
            CudnnGraph.Node columns,
            CudnnGraph.Node nothing) {}

    /**
     * @throws StageException INVALID_CONFIG when the GPU has no such kernels
     */
    public Float8Attention(TorchDevice device) {
        this.device = device;
        device.requireFloat8Attention();
    }

    /**
     * Softmax(q k^T / sqrt(head dim)) v.
     *
     * @param tokens rows that are not padding
     * @return float8, shape (tokens, heads x head dim), in units of the value's scale
     */
    public Tensor apply(Inputs inputs, long heads, long tokens) {
        long headDim = inputs.query().size(1) / heads;
        Kernel k = kernel(new Shape(heads, tokens, headDim));
        Tensor result =
                Ops.empty(device, DType.FLOAT8_E4M3, inputs.query().size(0), heads * headDim);
        try (var scope = TensorScope.open()) {
            Tensor own = Ops.empty(device, DType.FLOAT32, 4);
            own.narrow(0, 0, 1).fill_(new Scalar(1 / PROBABILITY_SCALE));
            own.narrow(0, 1, 1).fill_(new Scalar(PROBABILITY_SCALE));
            Tensor workspace =
                    Ops.empty(device, DType.UINT8, Math.max(16, k.graph().workspaceBytes()));
            var data = new LinkedHashMap<CudnnGraph.Node, Pointer>();
            data.put(k.query(), inputs.query().data_ptr());
            data.put(k.key(), inputs.key().data_ptr());
            data.put(k.value(), inputs.value().data_ptr());
            data.put(
                    k.scale(),
                    new FloatPointer(new float[] {(float) (1 / Math.sqrt((double) headDim))}));
            data.put(k.queryUnit(), at(inputs.scales(), 0));
            data.put(k.keyUnit(), at(inputs.scales(), 1));
            data.put(k.valueUnit(), at(inputs.scales(), 2));
            data.put(k.probabilityUnit(), at(own, 0));
            data.put(k.probabilityScale(), at(own, 1));
            data.put(k.resultScale(), at(inputs.scales(), 3));
            data.put(k.probabilityTop(), at(own, 2));
            data.put(k.resultTop(), at(own, 3));
            data.put(k.result(), result.data_ptr());
            Tensor count = Ops.empty(device, DType.INT32, 2);
            count.fill_(new Scalar((int) tokens));
            data.put(k.rows(), at(count, 0));
            data.put(k.columns(), at(count, 1));
            data.put(k.nothing(), new FloatPointer(new float[] {Float.NEGATIVE_INFINITY}));
            k.graph().run(data, workspace.data_ptr());
        }
        return result.narrow(0, 0, tokens);
    }

    private static Pointer at(Tensor numbers, long index) {
        return numbers.narrow(0, index, 1).data_ptr();
    }

    private Kernel kernel(Shape shape) {
        if (kernel == null || !kernel.shape().equals(shape)) {
            forget();
            kernel = describe(shape);
        }
        return kernel;
    }

    /** The pattern that cuDNN knows as float8 attention, operation by operation. */
    private Kernel describe(Shape s) {
        var g = new CudnnGraph(device);
        try (var scope = TensorScope.open()) {
            long width = s.heads() * s.headDim();
            long padded = padded(s.tokens());
            long[] shape = {1, s.heads(), padded, s.headDim()};
            long[] strides = {padded * width, s.headDim(), width, 1};
            long[] turned = {1, s.heads(), s.headDim(), padded};
            long[] turnedStrides = {padded * width, s.headDim(), 1, width};
            var query = g.tensor(CUDNN_DATA_FP8_E4M3, shape, strides);
            var key = g.tensor(CUDNN_DATA_FP8_E4M3, turned, turnedStrides);
            var value = g.tensor(CUDNN_DATA_FP8_E4M3, shape, strides);
            var result = g.tensor(CUDNN_DATA_FP8_E4M3, shape, strides);
            var rows = g.count();
            var columns = g.count();
            var nothing = g.hostScalar();
            var scale = g.hostScalar();
            var queryUnit = g.scalar();
            var keyUnit = g.scalar();
            var valueUnit = g.scalar();
            var probabilityUnit = g.scalar();
            var probabilityScale = g.scalar();
            var resultScale = g.scalar();
            var probabilityTop = g.scalar();
            var resultTop = g.scalar();

            var scores = g.matmul(query, key, rows, columns, null);
            scores = g.pointwise(CUDNN_POINTWISE_MUL, scores, scale);
            scores = g.pointwise(CUDNN_POINTWISE_MUL, scores, queryUnit);
            scores = g.pointwise(CUDNN_POINTWISE_MUL, scores, keyUnit);
            scores = g.keepBefore(scores, rows, columns, nothing);
            var most = g.reduceRows(CUDNN_REDUCE_TENSOR_MAX, scores);
            var grown =
                    g.pointwise(
                            CUDNN_POINTWISE_EXP, g.pointwise(CUDNN_POINTWISE_SUB, scores, most));
            var sum = g.reduceRows(CUDNN_REDUCE_TENSOR_ADD, grown);
            g.pointwise(CUDNN_POINTWISE_ADD, most, g.pointwise(CUDNN_POINTWISE_LOG, sum));
            var probabilities = g.pointwise(CUDNN_POINTWISE_DIV, grown, sum);
            g.reduce(CUDNN_REDUCE_TENSOR_AMAX, probabilities, probabilityTop);
            var rounded =
                    g.pointwise(
                            CUDNN_POINTWISE_MUL,
                            probabilities,
                            probabilityScale,
                            CUDNN_DATA_FP8_E4M3);
            var seen = g.matmul(rounded, value, rows, null, columns);
            seen = g.pointwise(CUDNN_POINTWISE_MUL, seen, probabilityUnit);
            seen = g.pointwise(CUDNN_POINTWISE_MUL, seen, valueUnit);
            g.pointwise(CUDNN_POINTWISE_MUL, seen, resultScale, result);
            g.reduce(CUDNN_REDUCE_TENSOR_AMAX, seen, resultTop);
            g.plan();
            return new Kernel(
                    s,
                    g,
                    query,
                    key,
                    value,
                    scale,
                    queryUnit,
                    keyUnit,
                    valueUnit,
                    probabilityUnit,
                    probabilityScale,
                    resultScale,
                    probabilityTop,
                    resultTop,
                    result,
                    rows,
                    columns,
                    nothing);
        } catch (RuntimeException e) {
            g.close();
            throw e;
        }
    }

    /**
     * What the kernel computes, in float32 and row by row of queries, on any device: for measuring
     * what float8 costs where there is no such kernel. Gradients do not flow.
     *
     * @param query shape (1, heads, tokens, head dim)
     * @param key like query
     * @param value like query
     * @return shape and type of query
     */
    public static Tensor imitate(Tensor query, Tensor key, Tensor value) {
        return TensorScope.compute(
                () -> {
                    Tensor q = rounded(query);
                    Tensor k = rounded(key);
                    Tensor v = rounded(value);
                    Tensor scores =
                            Ops.mul(
                                    q.matmul(k.transpose(-2, -1)),
                                    1 / Math.sqrt((double) query.size(-1)));
                    Tensor grown = scores.sub(scores.amax(new long[] {-1}, true)).exp();
                    Tensor sum = grown.sum(new long[] {-1}, true, new ScalarTypeOptional());
                    Tensor probabilities =
                            Ops.mul(grown, PROBABILITY_SCALE)
                                    .to(ScalarType.Float8_e4m3fn)
                                    .to(ScalarType.Float);
                    Tensor seen = Ops.mul(probabilities.matmul(v), 1 / PROBABILITY_SCALE).div(sum);
                    return seen.to(query.scalar_type());
                });
    }

    private static Tensor rounded(Tensor x) {
        Tensor wide = x.to(ScalarType.Float);
        Tensor unit = Ops.mul(wide.abs().max().clamp_min(new Scalar(1e-12)), 1 / Float8.MAX);
        return wide.div(unit).to(ScalarType.Float8_e4m3fn).to(ScalarType.Float).mul(unit);
    }

    private void forget() {
        if (kernel != null) {
            kernel.graph().close();
            kernel = null;
        }
    }

    @Override
    public void close() {
        forget();
    }
}
