package dev.reelrank.geometry.layers;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.CudnnAttention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What a transformer block does between its matrix products, on a GPU in one pass over memory each,
 * where libtorch's operations take several. Tokens are float32, what goes into products and comes
 * from them bfloat16. Nothing records gradients.
 */
public final class BlockKernels implements AutoCloseable {
    private static final int VECTOR = 8;
    private static final int THREADS = 256;
    private static final int WARP = 32;
    private static final int BLOCKS_PER_PROCESSOR = 16;

    /** Values that the lanes of a warp read at once, four each. */
    private static final int WARP_VALUES = 4 * WARP;

    /** All values of a token are in the registers of a warp. */
    private static final int WIDEST = 2048;

    private static final int WIDEST_CUDNN_HEAD = 128;
    private static final int TOKENS_PER_BLOCK = THREADS / WARP;

    private final TorchDevice device;
    private final CudaKernels kernels;
    private final boolean hopper;

    private BlockKernels(TorchDevice device, int dim, int heads) {
        this.device = device;
        hopper = device.isHopper();
        kernels =
                CudaKernels.compile(
                        device,
                        BlockKernels.class,
                        "block.cu",
                        Map.of(
                                "HEADS", (long) heads,
                                "HEAD", (long) dim / heads,
                                "DIM", (long) dim));
    }

    /**
     * The kernels for tokens of this width and type, or null where there are none: on the CPU and
     * on GPUs before compute capability 8.0, and where tokens and quarters of heads are no whole
     * vectors.
     */
    public static @Nullable BlockKernels where(
            TorchDevice device, DType dtype, int dim, int heads) {
        return possible(device, dtype, dim, heads) ? new BlockKernels(device, dim, heads) : null;
    }

    private static boolean possible(TorchDevice device, DType dtype, int dim, int heads) {
        int head = dim / heads;
        int lanes = head / VECTOR;
        return device.hasOwnKernels()
                && dtype == DType.BFLOAT16
                && dim % WARP_VALUES == 0
                && dim <= WIDEST
                && head % (4 * VECTOR) == 0
                && lanes <= WARP
                && Integer.bitCount(lanes) == 1
                && 2 * heads * lanes % WARP == 0;
    }

    /**
     * Tokens to which something was added, and their layer norm.
     *
     * @param tokens float32
     * @param normed bfloat16
     */
    record Sum(Tensor tokens, Tensor normed) {}

    /**
     * The layer norm of tokens, bfloat16.
     *
     * @param x shape (batch, tokens, dim), float32
     * @param norm of float32
     */
    Tensor norm(Tensor x, LayerNorm norm) {
        return addNorm(x, null, null, norm).normed();
    }

    /**
     * {@code x + change * scale} and its layer norm.
     *
     * @param change bfloat16, of the shape of x; null for none, then the sum is x
     * @param scale float32, shape (dim); null for 1
     * @param norm of float32
     */
    Sum addNorm(Tensor x, @Nullable Tensor change, @Nullable Tensor scale, LayerNorm norm) {
        long dim = x.size(2);
        long rows = x.numel() / dim;
        Tensor sum =
                change == null ? x : Ops.empty(device, DType.FLOAT32, x.size(0), x.size(1), dim);
        Tensor normed = Ops.empty(device, DType.BFLOAT16, x.size(0), x.size(1), dim);
        try (var scope = TensorScope.open()) {
            kernels.launch(
                    "add_norm",
                    Math.toIntExact((rows + TOKENS_PER_BLOCK - 1) / TOKENS_PER_BLOCK),
                    1,
                    THREADS,
                    x.contiguous(),
                    change == null ? null : change.contiguous(),
                    scale,
                    sum,
                    norm.weight(),
                    norm.bias(),
                    normed,
                    rows,
                    (float) norm.epsilon());
        }
        return new Sum(sum, normed);
    }

    /**
     * Normalises and rotates queries and keys, in place.
     *
     * @param all query, key and value of each token side by side, shape (batch, tokens, 3 dim),
     *     bfloat16
     * @param positions of the tokens of each of the batch
     */
    void turn(Tensor all, LayerNorm queries, LayerNorm keys, RotaryGrid positions) {
        try (var scope = TensorScope.open()) {
            long vectors = all.numel() / 3 * 2 / VECTOR;
            kernels.launch(
                    "turn_heads",
                    kernels.blocks((vectors + THREADS - 1) / THREADS, BLOCKS_PER_PROCESSOR),
                    1,
                    THREADS,
                    all,
                    queries.weight(),
                    queries.bias(),
                    keys.weight(),
                    keys.bias(),
                    positions.cos(),
                    positions.sin(),
                    vectors,
                    (int) positions.cos().size(0),
                    (float) queries.epsilon());
        }
    }

    /**
     * Attention by the kernel that is the fastest as measured, whatever other models of this
     * process prefer.
     *
     * @param query shape (batch, heads, tokens, head dim)
     * @param key like query
     * @param value like query
     */
    Tensor attention(Tensor query, Tensor key, Tensor value) {
        return hopper && query.size(3) <= WIDEST_CUDNN_HEAD
                ? CudnnAttention.output(query, key, value)
                : Attention.apply(query, key, value);
    }

    @Override
    public void close() {
        kernels.close();
    }
}
