package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.BlockSelection;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * What self-attention computes in one evaluation.
 *
 * @param topk share of the key blocks that sparse-linear attention keeps, above 0 and at most 1;
 *     for weights that have it
 * @param share of the softmax that the kept blocks must have, for all other weights; 1 for dense
 * @param denseLayers how many of the first and of the last layers stay dense
 * @param kernels which of our own compute, where the GPU has them
 * @param kept counts what is computed; null for nobody
 */
record Sparsity(
        double topk,
        double share,
        int denseLayers,
        SparseKernels kernels,
        @Nullable KeptBlocks kept) {
    /** What TurboDiffusion's scripts take where nothing is said. */
    static final double PUBLISHED_TOPK = 0.1;

    /** As the weights were published. */
    static final Sparsity DEFAULT =
            new Sparsity(PUBLISHED_TOPK, 1, 0, SparseKernels.BFLOAT16, null);

    /** First and last steps, and first and last layers, that stay dense where nothing is said. */
    private static final int DENSE_ENDS = 1;

    private static final long QUERY_BLOCK = 128;
    private static final long LEAST_BLOCK = 8;

    /** Blocks of keys that a short clip is cut into, so that there is something to leave out. */
    private static final long BLOCKS = 32;

    /**
     * Of one step.
     *
     * @param step from 0
     * @param kept counts what is computed
     */
    static Sparsity of(GenerationSettings settings, int step, KeptBlocks kept) {
        Map<String, Double> numbers = settings.parameters();
        double topk = numbers.getOrDefault(WanSnapshot.SPARSE_TOPK, PUBLISHED_TOPK);
        double share = numbers.getOrDefault(WanSnapshot.SPARSE_SHARE, 1.0);
        var kernels = SparseKernels.of(numbers.get(WanSnapshot.SPARSE_KERNEL));
        if (share >= 1) {
            return new Sparsity(topk, 1, 0, kernels, kept);
        }
        int ends = number(numbers, WanSnapshot.SPARSE_DENSE_STEPS);
        boolean dense = step < ends || step >= settings.steps() - ends;
        int layers = dense ? Integer.MAX_VALUE : number(numbers, WanSnapshot.SPARSE_DENSE_LAYERS);
        return new Sparsity(topk, share, layers, kernels, kept);
    }

    private static int number(Map<String, Double> numbers, String name) {
        return (int) Math.round(numbers.getOrDefault(name, (double) DENSE_ENDS));
    }

    /** What is left open is said, so that results name it. */
    static GenerationSettings complete(GenerationSettings settings) {
        var complete = settings;
        if (settings.parameters().getOrDefault(WanSnapshot.SPARSE_SHARE, 1.0) < 1) {
            for (String name :
                    new String[] {
                        WanSnapshot.SPARSE_DENSE_STEPS, WanSnapshot.SPARSE_DENSE_LAYERS
                    }) {
                if (!settings.parameters().containsKey(name)) {
                    complete = complete.with(name, DENSE_ENDS);
                }
            }
        }
        return complete;
    }

    /**
     * Of one layer.
     *
     * @param layer from 0
     * @param layers how many there are
     */
    Sparsity inLayer(int layer, int layers) {
        boolean dense = layer < denseLayers || layer >= layers - denseLayers;
        // The counting goes on: a dense layer computes all of its blocks.
        return dense ? new Sparsity(topk, share, Integer.MAX_VALUE, kernels, kept) : this;
    }

    /** Whether ordinary weights compute all of self-attention here. */
    boolean isDense() {
        return share >= 1 || denseLayers == Integer.MAX_VALUE;
    }

    /** Counts an attention over so many keys. */
    void count(BlockMap map, long keys) {
        if (kept != null) {
            kept.count(map, keys);
        }
    }

    /** Counts an attention over all keys, where others leave some out. */
    void countDense(long heads, long tokens) {
        if (kept != null && share < 1) {
            kept.countAll(
                    heads
                            * BlockMap.blocksOf(tokens, 2 * keyBlock(tokens))
                            * BlockMap.blocksOf(tokens, keyBlock(tokens)));
        }
    }

    /**
     * Attention of ordinary weights over the blocks that matter; shapes (1, heads, tokens, dim).
     */
    Tensor apply(BlockMath math, Tensor query, Tensor key, Tensor value) {
        long tokens = key.size(2);
        long keyBlock = keyBlock(tokens);
        var map = BlockSelection.softmaxShare(query, key, share, 2 * keyBlock, keyBlock);
        count(map, tokens);
        return math.sparse(query, key, value, map, kernels);
    }

    private static long keyBlock(long tokens) {
        long block = QUERY_BLOCK / 2;
        while (block > LEAST_BLOCK && tokens < BLOCKS * block) {
            block /= 2;
        }
        return block;
    }
}
