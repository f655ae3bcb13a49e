package dev.reelrank.torch.sparse;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TorchDevice;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/**
 * {@link SparseAttention} as one CUDA kernel, {@code attention.cu}, compiled for the GPU at hand:
 * bfloat16, head size 128, blocks of 64 or 128 queries and of multiples of 64 keys, compute
 * capability 8.0 and later. One thread at a time may use an object.
 *
 * <p>It was compiled for 8.0, 8.6, 8.9 and 9.0, and its fragments were checked thread by thread in
 * an emulation; it has not run on a GPU yet. So nothing uses it unless it is asked for.
 */
public final class SparseAttentionKernel implements AutoCloseable {
    private static final String NAME = "sparse_attention";
    private static final long HEAD = 128;
    private static final long TILE = 64;
    private static final int BYTES = 2;

    private final TorchDevice device;
    private final CudaKernels kernels;
    private final long queryBlock;
    private final long keyBlock;

    /**
     * Compiles the kernel.
     *
     * @param queryBlock 64 or 128
     * @param keyBlock a multiple of 64
     * @throws StageException INVALID_CONFIG when the GPU is too old or the compiler is missing
     */
    public SparseAttentionKernel(TorchDevice device, long queryBlock, long keyBlock) {
        if ((queryBlock != TILE && queryBlock != 2 * TILE)
                || keyBlock < 1
                || keyBlock % TILE != 0) {
            throw new IllegalArgumentException(
                    "no kernel for blocks of %d queries and %d keys"
                            .formatted(queryBlock, keyBlock));
        }
        if (!device.isCuda() || !device.hasAsyncCopies()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the sparse attention kernel needs a GPU of compute capability 8.0 or later, which "
                            + device
                            + " is not");
        }
        this.device = device;
        this.queryBlock = queryBlock;
        this.keyBlock = keyBlock;
        kernels =
                CudaKernels.compile(
                        device,
                        SparseAttentionKernel.class,
                        "attention.cu",
                        Map.of("QUERY_BLOCK", queryBlock, "KEY_BLOCK", keyBlock));
    }

    /**
     * Attends.
     *
     * @param query bfloat16, shape (1, heads, queries, 128); the numbers of a head side by side,
     *     tokens and heads in any order
     * @param key like query
     * @param value like query
     * @return the output with a token's heads side by side
     */
    public SparseAttention.Result apply(Tensor query, Tensor key, Tensor value, BlockMap map) {
        SparseAttention.requireFit(query, map);
        requireKind(query);
        requireKind(key);
        requireKind(value);
        if (map.queryBlock() != queryBlock || map.keyBlock() != keyBlock) {
            throw new IllegalArgumentException("the map has blocks of another size");
        }
        long heads = query.size(1);
        long queries = query.size(2);
        Tensor out = Ops.empty(device, DType.BFLOAT16, queries, heads * HEAD);
        Tensor sums = Ops.empty(device, DType.FLOAT32, heads, queries);
        kernels.launchWithShared(
                NAME,
                (int) map.blocks().size(1),
                (int) heads,
                (int) queryBlock,
                (int) ((queryBlock + 2 * TILE) * HEAD * BYTES),
                query,
                key,
                value,
                out,
                sums,
                map.blocks().contiguous(),
                map.counts().contiguous(),
                query.stride(2),
                query.stride(1),
                key.stride(2),
                key.stride(1),
                value.stride(2),
                value.stride(1),
                (int) queries,
                (int) key.size(2),
                (int) map.blocks().size(2),
                (float) (1 / (Math.sqrt((double) HEAD) * Math.log(2))));
        return new SparseAttention.Result(out.view(1, queries, heads, HEAD).transpose(1, 2), sums);
    }

    /** Rows are copied 16 bytes at a time. */
    private static void requireKind(Tensor x) {
        boolean rows = x.stride(3) == 1 && x.stride(2) % 8 == 0 && x.stride(1) % 8 == 0;
        if (DType.of(x) != DType.BFLOAT16
                || x.size(3) != HEAD
                || !rows
                || x.data_ptr().address() % 16 != 0) {
            throw new IllegalArgumentException(
                    "the kernel takes bfloat16 heads of 128 numbers in rows that begin at multiples of 16 bytes");
        }
    }

    @Override
    public void close() {
        kernels.close();
    }
}
