package dev.reelrank.wan;

import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/**
 * Sparse-linear attention (SLA, arXiv 2509.24006): exact attention over the blocks of keys that
 * matter most, plus a learned projection of linear attention over all keys. The projection is one
 * matrix for all heads and is never quantized.
 */
final class SparseLinear {
    static final long QUERY_BLOCK = 128;
    static final long KEY_BLOCK = 64;

    private final Tensor weight;
    private final Tensor bias;

    private SparseLinear(Tensor weight, Tensor bias) {
        this.weight = weight;
        this.bias = bias;
    }

    static SparseLinear load(Weights weights, long headDim) {
        return new SparseLinear(
                weights.take("weight", headDim, headDim), weights.take("bias", headDim));
    }

    /** All shapes (1, heads, tokens, head dim). */
    Tensor apply(BlockMath math, Tensor query, Tensor key, Tensor value, Sparsity sparsity) {
        return TensorScope.compute(
                () -> {
                    var map =
                            math.topShare(
                                    query,
                                    key,
                                    sparsity.topk(),
                                    QUERY_BLOCK,
                                    KEY_BLOCK,
                                    sparsity.kernels());
                    sparsity.count(map, key.size(2));
                    Tensor sparse = math.sparse(query, key, value, map, sparsity.kernels());
                    return math.addLinear(
                            sparse, query, key, value, weight, bias, sparsity.kernels());
                });
    }
}
