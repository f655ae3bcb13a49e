package dev.reelrank.torch.sparse;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Attention over the blocks of keys that a {@link BlockMap} keeps: {@code softmax(q k^T /
 * sqrt(dim)) v}, where the softmax is exact over the keys of the kept blocks. On any device, by
 * libtorch's own operations: the kept keys are gathered for some blocks of queries at a time, so
 * that time and memory follow the kept blocks. Scores are float32 whatever the type.
 */
public final class SparseAttention {
    /** Bytes of scores that are in memory at a time. */
    private static final long SCORES = 256L << 20;

    private SparseAttention() {}

    /**
     * What came out.
     *
     * @param output shape (1, heads, queries, dim), of the value's type; zeros for a query that
     *     sees nothing
     * @param logSumExp float32, shape (heads, queries): the logarithm of the sum of the
     *     exponentials of each query's scaled scores, minus infinity for a query that sees nothing.
     *     With it, the answers of two sets of keys can be joined.
     */
    public record Result(Tensor output, Tensor logSumExp) {}

    /**
     * Attends.
     *
     * @param query shape (1, heads, queries, dim)
     * @param key shape (1, heads, keys, dim)
     * @param value like key
     * @throws IllegalArgumentException if the map is not of so many heads and queries
     */
    public static Result apply(Tensor query, Tensor key, Tensor value, BlockMap map) {
        requireFit(query, map);
        Tensor[] both = TensorScope.computeAll(() -> computed(query, key, value, map));
        return new Result(both[0], both[1]);
    }

    static void requireFit(Tensor query, BlockMap map) {
        long blocks = BlockMap.blocksOf(query.size(2), map.queryBlock());
        if (query.size(0) != 1
                || map.blocks().size(0) != query.size(1)
                || map.blocks().size(1) != blocks) {
            throw new IllegalArgumentException(
                    "a map of %d heads and %d blocks of queries does not fit %d heads and %d blocks"
                            .formatted(
                                    map.blocks().size(0),
                                    map.blocks().size(1),
                                    query.size(1),
                                    blocks));
        }
    }

    private static Tensor[] computed(Tensor query, Tensor key, Tensor value, BlockMap map) {
        long heads = query.size(1);
        long queries = query.size(2);
        long dim = query.size(3);
        long rows = map.blocks().size(1);
        long keyBlocks = BlockMap.blocksOf(key.size(2), map.keyBlock());
        Tensor q = blocked(query, map.queryBlock()).view(heads, rows, map.queryBlock(), dim);
        Tensor k = blocked(key, map.keyBlock());
        Tensor v = blocked(value, map.keyBlock());
        Tensor out = torch.empty_like(q);
        Tensor sums = BlockMap.zeros(query, heads, rows, map.queryBlock());
        Tensor positions = BlockMap.arange(map.keyBlock(), query);
        Tensor firstOfHead =
                BlockMap.arange(heads, query)
                        .mul(new Scalar(keyBlocks))
                        .to(DType.INT64.scalarType())
                        .view(-1, 1, 1);
        long most = Math.max(1, Ops.to(map.counts(), DType.INT64).max().item_long());
        long bytes = heads * map.queryBlock() * most * map.keyBlock() * 4;
        long group = Math.max(1, SCORES / bytes);
        for (long from = 0; from < rows; from += group) {
            long first = from;
            long count = Math.min(group, rows - from);
            TensorScope.run(
                    () -> {
                        Tensor counts = Ops.to(map.counts().narrow(1, first, count), DType.INT64);
                        long width = Math.max(1, counts.max().item_long());
                        Tensor list =
                                Ops.to(
                                        map.blocks().narrow(1, first, count).narrow(2, 0, width),
                                        DType.INT64);
                        Tensor listed = BlockMap.arange(width, query).lt(counts.unsqueeze(-1));
                        Tensor inside =
                                list.mul(new Scalar(map.keyBlock()))
                                        .unsqueeze(-1)
                                        .add(positions)
                                        .lt(new Scalar(key.size(2)));
                        Tensor seen =
                                inside.logical_and(listed.unsqueeze(-1))
                                        .view(heads * count, 1, width * map.keyBlock());
                        Tensor gathered = list.add(firstOfHead).flatten();
                        long span = width * map.keyBlock();
                        Tensor keys = k.index_select(0, gathered).view(heads * count, span, dim);
                        Tensor values = v.index_select(0, gathered).view(heads * count, span, dim);
                        Tensor some =
                                q.narrow(1, first, count)
                                        .reshape(heads * count, map.queryBlock(), dim);
                        attend(some, keys, values, seen, dim)
                                .into(out.narrow(1, first, count), sums.narrow(1, first, count));
                    });
        }
        return new Tensor[] {
            out.view(1, heads, rows * map.queryBlock(), dim).narrow(2, 0, queries),
            sums.view(heads, rows * map.queryBlock()).narrow(1, 0, queries)
        };
    }

    private record Part(Tensor output, Tensor sums) {
        void into(Tensor out, Tensor logSumExp) {
            out.copy_(output.view(out.shape()));
            logSumExp.copy_(sums.view(logSumExp.shape()));
        }
    }

    private static Part attend(Tensor q, Tensor k, Tensor v, Tensor seen, long dim) {
        Tensor scores =
                Ops.mul(
                        Ops.to(q.matmul(k.transpose(-2, -1)), DType.FLOAT32),
                        1 / Math.sqrt((double) dim));
        scores = scores.masked_fill(seen.logical_not(), new Scalar(Double.NEGATIVE_INFINITY));
        Tensor sums = scores.logsumexp(new long[] {-1}, true);
        // Where nothing is seen, the difference of two infinities would be no number.
        Tensor finite = sums.masked_fill(sums.isinf(), new Scalar(0.0));
        Tensor weights = scores.sub(finite).exp().to(v.scalar_type());
        return new Part(weights.matmul(v), sums);
    }

    /** Whole blocks of all heads one after another, shape (heads x blocks, block, dim). */
    private static Tensor blocked(Tensor x, long block) {
        long tokens = x.size(2);
        long missing = BlockMap.blocksOf(tokens, block) * block - tokens;
        Tensor all = x.squeeze(0);
        if (missing > 0) {
            all = torch.constant_pad_nd(all, new long[] {0, 0, 0, missing});
        }
        return all.reshape(-1, block, x.size(3));
    }
}
