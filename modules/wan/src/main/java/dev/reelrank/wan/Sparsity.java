package dev.reelrank.wan;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.torch.sparse.BlockMap;
import org.jspecify.annotations.Nullable;

/**
 * What self-attention computes in one evaluation.
 *
 * @param topk share of the key blocks that sparse-linear attention keeps, above 0 and at most 1
 * @param kept counts what is computed; null for nobody
 */
record Sparsity(double topk, @Nullable KeptBlocks kept) {
    /** What TurboDiffusion's scripts take where nothing is said. */
    static final double PUBLISHED_TOPK = 0.1;

    /** As the weights were published. */
    static final Sparsity DEFAULT = new Sparsity(PUBLISHED_TOPK, null);

    /**
     * Of one step.
     *
     * @param kept counts what is computed
     */
    static Sparsity of(GenerationSettings settings, KeptBlocks kept) {
        return new Sparsity(
                settings.parameters().getOrDefault(WanSnapshot.SPARSE_TOPK, PUBLISHED_TOPK), kept);
    }

    /** Counts an attention over so many keys. */
    void count(BlockMap map, long keys) {
        if (kept != null) {
            kept.count(map, keys);
        }
    }
}
