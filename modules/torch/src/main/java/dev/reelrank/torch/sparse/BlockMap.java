package dev.reelrank.torch.sparse;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;

/**
 * Which blocks of keys each block of queries sees, per head, as lists: what a kernel walks along.
 *
 * @param blocks int32, shape (heads, query blocks, width): numbers of key blocks, each at most once
 *     in a row; what stands after a row's count is not read but is a valid number
 * @param counts int32, shape (heads, query blocks): how many entries of each row count
 * @param queryBlock queries in a block, at least 1; the last block may have fewer
 * @param keyBlock keys in a block, at least 1; the last block may have fewer
 */
public record BlockMap(Tensor blocks, Tensor counts, long queryBlock, long keyBlock) {
    public BlockMap {
        if (queryBlock < 1 || keyBlock < 1) {
            throw new IllegalArgumentException(
                    "blocks of %d queries and %d keys: at least 1 each"
                            .formatted(queryBlock, keyBlock));
        }
    }

    /**
     * The lists of a table.
     *
     * @param kept bool, shape (heads, query blocks, key blocks): true for a block that is seen
     */
    public static BlockMap of(Tensor kept, long queryBlock, long keyBlock) {
        Tensor[] lists =
                TensorScope.computeAll(
                        () -> {
                            Tensor counts = Ops.to(kept, DType.INT32).sum(-1);
                            long width = Math.max(1, Ops.to(counts, DType.INT64).max().item_long());
                            // Kept blocks come first, in their order.
                            Tensor order =
                                    Ops.to(kept, DType.UINT8)
                                            .argsort(true, -1, true)
                                            .narrow(-1, 0, width);
                            return new Tensor[] {
                                Ops.to(order, DType.INT32).contiguous(),
                                Ops.to(counts, DType.INT32).contiguous()
                            };
                        });
        return new BlockMap(lists[0], lists[1], queryBlock, keyBlock);
    }

    /**
     * As many blocks in every row.
     *
     * @param blocks int32, shape (heads, query blocks, width)
     */
    public static BlockMap even(Tensor blocks, long queryBlock, long keyBlock) {
        Tensor counts =
                TensorScope.compute(
                        () ->
                                torch.full_like(
                                        blocks.select(-1, 0), new Scalar((int) blocks.size(-1))));
        return new BlockMap(blocks, counts, queryBlock, keyBlock);
    }

    /** How many pairs of a query block and a key block are computed, over all heads. */
    public long pairs() {
        try (var scope = TensorScope.open()) {
            return Ops.to(counts, DType.INT64).sum().item_long();
        }
    }

    /** Share of the pairs that are computed, 0..1. */
    public double kept(long keys) {
        return (double) pairs() / ((double) counts.numel() * blocksOf(keys, keyBlock));
    }

    /** How many blocks that many tokens fill. */
    public static long blocksOf(long tokens, long block) {
        return (tokens + block - 1) / block;
    }

    /** Numbers from 0, int64, on the device of another tensor. */
    static Tensor arange(long count, Tensor like) {
        return torch.arange(new Scalar(count), options(like, DType.INT64));
    }

    /** Float32 zeros on the device of another tensor. */
    static Tensor zeros(Tensor like, long... shape) {
        return torch.zeros(shape, options(like, DType.FLOAT32));
    }

    private static TensorOptions options(Tensor like, DType dtype) {
        return new TensorOptions(like.device()).dtype(new ScalarTypeOptional(dtype.scalarType()));
    }
}
