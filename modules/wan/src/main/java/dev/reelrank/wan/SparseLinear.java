package dev.reelrank.wan;

import dev.reelrank.torch.Linear;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import dev.reelrank.torch.sparse.BlockSelection;
import dev.reelrank.torch.sparse.LinearAttention;
import org.bytedeco.pytorch.Tensor;

/**
 * Sparse-linear attention (SLA, arXiv 2509.24006): exact attention over the blocks of keys that
 * matter most, plus a learned projection of linear attention over all keys. The projection is one
 * matrix for all heads and is never quantized.
 */
final class SparseLinear {
    private static final long QUERY_BLOCK = 128;
    private static final long KEY_BLOCK = 64;

    private final Linear projection;

    private SparseLinear(Linear projection) {
        this.projection = projection;
    }

    static SparseLinear load(Weights weights, long headDim) {
        return new SparseLinear(Linear.load(weights, headDim, headDim, true));
    }

    /** All shapes (1, heads, tokens, head dim). */
    Tensor apply(BlockMath math, Tensor query, Tensor key, Tensor value, Sparsity sparsity) {
        return TensorScope.compute(
                () -> {
                    var map =
                            BlockSelection.topShare(
                                    query, key, sparsity.topk(), QUERY_BLOCK, KEY_BLOCK);
                    sparsity.count(map, key.size(2));
                    Tensor sparse = math.sparse(query, key, value, map, sparsity.kernel());
                    Tensor linear = LinearAttention.apply(query, key, value);
                    return sparse.add(projection.apply(linear));
                });
    }
}
