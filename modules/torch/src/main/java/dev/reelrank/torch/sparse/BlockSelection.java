package dev.reelrank.torch.sparse;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.Objects;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** Chooses the blocks of keys that are worth computing. */
public final class BlockSelection {
    /** Blocks of queries whose scores are in memory at a time. */
    private static final long ROWS = 64;

    private BlockSelection() {}

    /**
     * The same number of blocks for every block of queries: those whose mean key has the largest
     * product with the mean query. As sparse-linear attention selects (SLA, arXiv 2509.24006): the
     * mean of all keys is removed first, which changes no order within a row.
     *
     * @param query shape (1, heads, queries, dim)
     * @param key shape (1, heads, keys, dim)
     * @param share of the key blocks, above 0 and at most 1: rounded down, at least one block
     */
    public static BlockMap topShare(
            Tensor query, Tensor key, double share, long queryBlock, long keyBlock) {
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share " + share + " is not above 0 and at most 1");
        }
        Tensor list =
                TensorScope.compute(
                        () -> {
                            Tensor queries = pooled(query, queryBlock);
                            Tensor keys = pooled(key, keyBlock);
                            keys = keys.sub(mean(key.squeeze(0), 1));
                            Tensor scores = queries.matmul(keys.transpose(-2, -1));
                            long all = scores.size(-1);
                            long count = Math.min(all, Math.max(1, (long) (share * all)));
                            Tensor chosen = scores.topk(count, -1, true, false).get1();
                            // In their order: neighbours in memory are read one after another.
                            return Ops.to(chosen.sort(-1, false).get0(), DType.INT32).contiguous();
                        });
        return BlockMap.even(list, queryBlock, keyBlock);
    }

    /**
     * The fewest blocks that together have a share of the softmax, estimated by the attention of
     * each block's mean query to every key. The block that a block of queries lies in is always
     * kept. Costs one pass over the keys for each block of queries, not for each query.
     *
     * @param query shape (1, heads, tokens, dim)
     * @param key like query
     * @param share of the softmax's sum that the kept blocks must have, above 0; from 1 on all are
     *     kept
     */
    public static BlockMap softmaxShare(
            Tensor query, Tensor key, double share, long queryBlock, long keyBlock) {
        if (!(share > 0)) {
            throw new IllegalArgumentException("share " + share + " is not above 0");
        }
        long blocks = BlockMap.blocksOf(key.size(2), keyBlock);
        Tensor kept =
                TensorScope.compute(
                        () -> {
                            Tensor queries = pooled(query, queryBlock);
                            Tensor keys = key.squeeze(0);
                            long rows = queries.size(1);
                            var parts = new Tensor[(int) BlockMap.blocksOf(rows, ROWS)];
                            for (int i = 0; i < parts.length; i++) {
                                long from = i * ROWS;
                                Tensor some = queries.narrow(1, from, Math.min(ROWS, rows - from));
                                parts[i] =
                                        TensorScope.compute(
                                                () -> largest(some, keys, share, keyBlock));
                            }
                            Tensor table = Ops.cat(1, parts);
                            return table.logical_or(
                                    overlaps(rows, queryBlock, blocks, keyBlock, key));
                        });
        return BlockMap.of(kept, queryBlock, keyBlock);
    }

    /** Which blocks of keys have a token of a block of queries, shape (rows, key blocks). */
    private static Tensor overlaps(
            long rows, long queryBlock, long blocks, long keyBlock, Tensor like) {
        Tensor begin = BlockMap.arange(rows, like).mul(new Scalar(queryBlock)).unsqueeze(-1);
        Tensor first = BlockMap.arange(blocks, like).mul(new Scalar(keyBlock));
        return first.lt(begin.add(new Scalar(queryBlock)))
                .logical_and(first.add(new Scalar(keyBlock)).gt(begin));
    }

    /** Which blocks are needed for the share, shape (heads, rows, key blocks). */
    private static Tensor largest(Tensor queries, Tensor keys, double share, long keyBlock) {
        Tensor scores =
                Ops.mul(
                        Ops.to(
                                queries.to(keys.scalar_type()).matmul(keys.transpose(-2, -1)),
                                DType.FLOAT32),
                        1 / Math.sqrt((double) keys.size(-1)));
        Tensor weights = sums(Ops.softmaxFloat(scores, -1), keyBlock);
        var sorted = weights.sort(-1, true);
        // A block is needed while those before it do not have the share.
        Tensor before = sorted.get0().cumsum(-1).sub(sorted.get0());
        Tensor needed = share >= 1 ? before.ge(new Scalar(-1.0)) : before.lt(new Scalar(share));
        return torch.zeros_like(needed).scatter(-1, sorted.get1(), needed);
    }

    /** The sum of each block of the last axis. */
    private static Tensor sums(Tensor weights, long block) {
        long length = weights.size(-1);
        long missing = BlockMap.blocksOf(length, block) * block - length;
        Tensor all =
                missing == 0 ? weights : torch.constant_pad_nd(weights, new long[] {0, missing});
        return all.unflatten(-1, new long[] {-1, block}).sum(-1);
    }

    /** The mean of each block of tokens in float32, shape (heads, blocks, dim). */
    private static Tensor pooled(Tensor x, long block) {
        Tensor all = x.squeeze(0);
        long tokens = all.size(1);
        long whole = tokens / block * block;
        Tensor rest = whole == tokens ? null : mean(all.narrow(1, whole, tokens - whole), 1);
        if (whole == 0) {
            return Objects.requireNonNull(rest);
        }
        Tensor means = mean(all.narrow(1, 0, whole).unflatten(1, new long[] {-1, block}), 2);
        means = means.squeeze(2);
        return rest == null ? means : Ops.cat(1, means, rest);
    }

    /** In float32, the axis kept with length 1. */
    private static Tensor mean(Tensor x, long axis) {
        return x.mean(new long[] {axis}, true, new ScalarTypeOptional(ScalarType.Float));
    }
}
