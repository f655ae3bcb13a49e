package dev.reelrank.torch;

import java.util.Map;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * CUDA kernels for the rows of a transformer's hidden states, between its matrix products: one pass
 * over memory each, compiled for the model's sizes. Hidden states are bfloat16, shape (1, tokens,
 * dim); factors, shifts and gates are float32, shape (dim). Rounds where libtorch's operations
 * round, so that both agree to the last bits of bfloat16. Nothing records gradients.
 */
public final class RowKernels implements AutoCloseable {
    private static final int VECTOR = 8;
    private static final int BLOCKS_PER_PROCESSOR = 4;
    private static final int MOST_THREADS = 1024;
    private static final int WARP = 32;

    /** Keys that a tile of cuDNN's attention holds. */
    private static final long KEY_TILE = 128;

    private static final long MOST_HEAD = 128;

    private final TorchDevice device;
    private final CudaKernels kernels;
    private final Sizes sizes;
    private final boolean float8;
    private final int dimThreads;
    private final int ffnThreads;

    /**
     * What the kernels are compiled for.
     *
     * @param dim of the hidden states
     * @param ffn features of the wide layer
     * @param head channels of a head
     */
    public record Sizes(long dim, long ffn, long head) {
        /** Whether there are kernels: whole vectors, and not too many a thread. */
        boolean fit() {
            return dim % VECTOR == 0
                    && ffn % VECTOR == 0
                    && head % VECTOR == 0
                    && ffn <= MOST_THREADS * 4 * VECTOR;
        }

        long heads() {
            return dim / head;
        }
    }

    /**
     * Scale and shift of a layer norm: {@code LN(x) * factor + shift}, computed in float32.
     *
     * @param factor shape (dim)
     * @param shift shape (dim)
     */
    public record Affine(Tensor factor, Tensor shift, double epsilon) {}

    /**
     * @param float8 whether what linear layers read is quantized to float8 rows
     */
    public RowKernels(TorchDevice device, Sizes sizes, boolean float8) {
        this.device = device;
        this.sizes = sizes;
        this.float8 = float8;
        dimThreads = threads(sizes.dim(), 2);
        ffnThreads = threads(sizes.ffn(), 4);
        kernels =
                CudaKernels.compile(
                        device,
                        RowKernels.class,
                        "rows.cu",
                        Map.of(
                                "DIM", sizes.dim(),
                                "DIM_THREADS", (long) dimThreads,
                                "DIM_VECTORS", vectors(sizes.dim(), dimThreads),
                                "FFN", sizes.ffn(),
                                "FFN_THREADS", (long) ffnThreads,
                                "FFN_VECTORS", vectors(sizes.ffn(), ffnThreads),
                                "HEAD", sizes.head()));
    }

    /** Whether there are kernels for this device, type and size. */
    public static boolean possible(TorchDevice device, DType dtype, Sizes sizes) {
        return device.hasOwnKernels() && dtype == DType.BFLOAT16 && sizes.fit();
    }

    /** Whether {@link #layerNormHeads} works: the lanes of a head are a power of two. */
    public static boolean normsHeads(Sizes sizes) {
        long lanes = sizes.head() / VECTOR;
        return lanes <= WARP && Long.bitCount(lanes) == 1;
    }

    private static int threads(long width, int vectorsPerThread) {
        long threads = (width / VECTOR + vectorsPerThread - 1) / vectorsPerThread;
        return (int) Math.min(MOST_THREADS, (threads + WARP - 1) / WARP * WARP);
    }

    private static long vectors(long width, int threads) {
        return (width / VECTOR + threads - 1) / threads;
    }

    private int blocks(long rows) {
        return kernels.blocks(rows, BLOCKS_PER_PROCESSOR);
    }

    /** The kernels themselves, for those that only one family uses. */
    public CudaKernels kernels() {
        return kernels;
    }

    /** Threads of a block that works on a row of hidden states. */
    public int dimThreads() {
        return dimThreads;
    }

    /** Room for the input of linear layers, of as many tokens. */
    public Activation empty(long tokens) {
        return float8
                ? Activation.of(
                        new Float8(
                                Ops.empty(device, DType.FLOAT8_E4M3, tokens, sizes.dim()),
                                Ops.empty(device, DType.FLOAT32, tokens, 1)))
                : Activation.of(Ops.empty(device, DType.BFLOAT16, 1, tokens, sizes.dim()));
    }

    /**
     * Stores {@code x + y * gate} in the place of x, and its norm in out.
     *
     * @param y null for x as it is
     * @param gate null for 1
     * @param out as {@link #empty} makes it, or some of its tokens
     */
    public void norm(
            Tensor x, @Nullable Tensor y, @Nullable Tensor gate, Affine affine, Activation out) {
        String kernel = y == null ? "norm" : gate == null ? "add_norm" : "gated_norm";
        var rows = out.rows();
        long count = x.numel() / sizes.dim();
        kernels.launch(
                kernel + (float8 ? "_float8" : "_bf16"),
                blocks(count),
                1,
                dimThreads,
                x,
                y,
                gate,
                affine.factor(),
                affine.shift(),
                rows == null ? Objects.requireNonNull(out.dense()) : rows.values(),
                rows == null ? null : rows.scale(),
                (int) count,
                (float) affine.epsilon());
    }

    /** Stores {@code x + y * gate} in the place of x. */
    public void gated(Tensor x, Tensor y, Tensor gate) {
        long rows = x.numel() / sizes.dim();
        kernels.launch(
                "gated",
                blocks(rows),
                1,
                dimThreads,
                x,
                y,
                gate,
                null,
                null,
                null,
                null,
                (int) rows,
                0f);
    }

    /**
     * Normalises each head of query and key and rotates adjacent pairs, in place, where {@link
     * #normsHeads}.
     *
     * @param cos float32, of each token and pair of a head; null for no rotation
     * @param sin like cos
     */
    public void layerNormHeads(
            Tensor query,
            LayerNorm queryNorm,
            Tensor key,
            LayerNorm keyNorm,
            @Nullable Tensor cos,
            @Nullable Tensor sin) {
        long rows = query.numel() / sizes.dim();
        try (var scope = TensorScope.open()) {
            kernels.launch(
                    "head_layer_norm",
                    blocks(rows) / 2 + 1,
                    2,
                    dimThreads,
                    query,
                    key,
                    queryNorm.weight(),
                    queryNorm.bias(),
                    keyNorm.weight(),
                    keyNorm.bias(),
                    cos,
                    sin,
                    (int) rows,
                    (float) queryNorm.epsilon());
        }
    }

    /** Hidden states as input of a linear layer. */
    public Activation input(Tensor x) {
        return float8
                ? Activation.of(quantized("quantize_rows", x, sizes.dim(), dimThreads))
                : Activation.of(x);
    }

    /** Through the wide layer and GELU (tanh approximation), as input of the next. */
    public Activation gelu(Activation x, Linear up) {
        if (!float8) {
            return Activation.of(x.throughGelu(up));
        }
        Tensor wide = x.through(up);
        var rows = quantized("gelu_quantize", wide, wide.size(-1), ffnThreads);
        wide.close();
        return Activation.of(rows);
    }

    private Float8 quantized(String kernel, Tensor x, long width, int threads) {
        long rows = x.numel() / width;
        Tensor out = Ops.empty(device, DType.FLOAT8_E4M3, rows, width);
        Tensor scale = Ops.empty(device, DType.FLOAT32, rows, 1);
        // Beyond this scope it would keep the memory of x, which the caller frees.
        try (var scope = TensorScope.open()) {
            kernels.launch(
                    kernel, blocks(rows), 1, threads, x.contiguous(), out, scale, (int) rows);
        }
        return new Float8(out, scale);
    }

    /**
     * Self-attention, as input of a linear layer; frees what it is given when it is used up.
     *
     * <p>cuDNN's kernel is a twelfth faster when the keys fill its tiles, so a second call handles
     * the leftover keys and both answers are joined, each by its share of the sum: exact but for
     * one more rounding.
     *
     * @param query shape (1, heads, tokens, head)
     * @param key like query
     * @param value like query
     */
    public Activation attention(Tensor query, Tensor key, Tensor value) {
        long tokens = key.size(2);
        boolean splits =
                device.hasFloat8Attention()
                        && sizes.head() <= MOST_HEAD
                        && tokens % KEY_TILE != 0
                        && tokens > KEY_TILE
                        && CudnnAttention.allowed();
        if (!splits) {
            Tensor seen = TensorScope.compute(() -> merged(Attention.apply(query, key, value)));
            free(query, key, value);
            return input(seen);
        }
        long whole = tokens / KEY_TILE * KEY_TILE;
        long left = tokens - whole;
        Tensor[] views = {
            key.narrow(2, 0, whole),
            value.narrow(2, 0, whole),
            key.narrow(2, whole, left),
            value.narrow(2, whole, left)
        };
        var most = CudnnAttention.apply(query, views[0], views[1]);
        var rest = CudnnAttention.apply(query, views[2], views[3]);
        // A view keeps the memory of what it shows.
        free(views);
        free(query, key, value);
        Activation out = empty(tokens);
        var rows = out.rows();
        kernels.launch(
                float8 ? "join_float8" : "join_bf16",
                blocks(tokens),
                1,
                dimThreads,
                merged(most.output()),
                merged(rest.output()),
                most.logSumExp(),
                rest.logSumExp(),
                rows == null ? Objects.requireNonNull(out.dense()) : rows.values(),
                rows == null ? null : rows.scale(),
                (int) tokens);
        most.release();
        rest.release();
        return out;
    }

    private static void free(Tensor... tensors) {
        for (Tensor tensor : tensors) {
            tensor.close();
        }
    }

    /** Heads side by side again, shape (1, tokens, dim). */
    private static Tensor merged(Tensor heads) {
        return TensorScope.compute(() -> heads.transpose(1, 2).flatten(2, 3));
    }

    @Override
    public void close() {
        kernels.close();
    }
}
