package dev.reelrank.torch.sparse;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * What sparse-linear attention needs beside {@link SparseAttentionKernel}, as CUDA kernels of one
 * pass over memory each ({@code linear.cu}): the choice of blocks ({@link BlockSelection#topShare})
 * and the linear branch with its projection ({@link LinearAttention}). bfloat16, head size 128,
 * compute capability 8.0 and later. One thread at a time may use an object.
 */
public final class SparseLinearKernels implements AutoCloseable {
    private static final int HEAD = 128;
    private static final int THREADS = 256;
    private static final int ROW_THREADS = 128;

    /** Tokens of a block of {@code linear_add}. */
    private static final long TOKENS = 128;

    /** Queries, states and one number a query of {@code linear_add}. */
    private static final int ADD_BYTES = (int) (2 * TOKENS * HEAD * 2 + TOKENS * 4);

    /** Most blocks of {@code linear_states} per multiprocessor: it gives each sums of its own. */
    private static final int PER_PROCESSOR = 4;

    private final TorchDevice device;
    private final CudaKernels kernels;

    /**
     * Compiles the kernels.
     *
     * @throws StageException INVALID_CONFIG when the GPU is too old or the compiler is missing
     */
    public SparseLinearKernels(TorchDevice device) {
        if (!device.hasOwnKernels()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the kernels of sparse-linear attention need a GPU of compute capability 8.0 or later, which "
                            + device
                            + " is not");
        }
        this.device = device;
        kernels = CudaKernels.compile(device, SparseLinearKernels.class, "linear.cu", Map.of());
    }

    /** As {@link BlockSelection#topShare}; of blocks with equal scores the first are kept. */
    public BlockMap topShare(
            Tensor query, Tensor key, double share, long queryBlock, long keyBlock) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not above 0 and at most 1");
        }
        Tensor list =
                TensorScope.compute(
                        () -> {
                            Tensor queries = means(query, queryBlock);
                            Tensor keys = means(key, keyBlock);
                            // The mean of all keys would change no order within a row.
                            return largest(queries.matmul(keys.transpose(-2, -1)), share);
                        });
        return BlockMap.even(list, queryBlock, keyBlock);
    }

    private Tensor means(Tensor x, long block) {
        long heads = x.size(1);
        long blocks = BlockMap.blocksOf(x.size(2), block);
        Tensor means = Ops.empty(device, DType.FLOAT32, heads, blocks, HEAD);
        kernels.launch(
                "block_means",
                (int) blocks,
                (int) heads,
                THREADS,
                x,
                means,
                x.stride(2),
                x.stride(1),
                (int) x.size(2),
                (int) block);
        return means;
    }

    private Tensor largest(Tensor scores, double share) {
        long heads = scores.size(0);
        long rows = scores.size(1);
        long all = scores.size(2);
        long count = Math.min(all, Math.max(1, (long) (share * all)));
        Tensor chosen = Ops.empty(device, DType.INT32, heads, rows, count);
        kernels.launchWithShared(
                "largest",
                (int) (heads * rows),
                1,
                ROW_THREADS,
                (int) (all * Float.BYTES),
                scores.contiguous(),
                chosen,
                (int) all,
                (int) count);
        return chosen;
    }

    /**
     * Adds linear attention over all keys, projected, to what attention over some gave.
     *
     * @param to bfloat16, shape (1, heads, queries, 128), a token's heads side by side
     * @param query bfloat16, shape (1, heads, queries, 128)
     * @param key shape (1, heads, keys, 128)
     * @param value like key
     * @param weight of the projection, shape (128, 128)
     * @param bias of the projection, shape (128)
     */
    public void addLinear(
            Tensor to, Tensor query, Tensor key, Tensor value, Tensor weight, Tensor bias) {
        long heads = query.size(1);
        if (to.stride(1) != HEAD || to.stride(2) != heads * HEAD) {
            throw new IllegalArgumentException("a token's heads do not lie side by side");
        }
        TensorScope.run(
                () -> {
                    int parts =
                            Math.max(
                                    1, kernels.blocks(Long.MAX_VALUE, PER_PROCESSOR) / (int) heads);
                    Tensor states = Ops.empty(device, DType.FLOAT32, parts, heads, HEAD, HEAD);
                    Tensor totals = Ops.empty(device, DType.FLOAT32, parts, heads, HEAD);
                    kernels.launch(
                            "linear_states",
                            parts,
                            (int) heads,
                            THREADS,
                            key,
                            value,
                            states,
                            totals,
                            key.stride(2),
                            key.stride(1),
                            value.stride(2),
                            value.stride(1),
                            (int) key.size(2));
                    // The projection of a product of states is the product of projected states.
                    Tensor projected =
                            states.sum(0).matmul(Ops.to(weight, DType.FLOAT32).transpose(0, 1));
                    kernels.launchWithShared(
                            "linear_add",
                            (int) BlockMap.blocksOf(query.size(2), TOKENS),
                            (int) heads,
                            THREADS,
                            ADD_BYTES,
                            query,
                            Ops.to(projected, DType.BFLOAT16).contiguous(),
                            totals.sum(0),
                            Ops.to(bias, DType.FLOAT32).contiguous(),
                            to,
                            query.stride(2),
                            query.stride(1),
                            (int) query.size(2));
                });
    }

    @Override
    public void close() {
        kernels.close();
    }
}
