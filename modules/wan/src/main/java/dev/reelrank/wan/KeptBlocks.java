package dev.reelrank.wan;

import dev.reelrank.torch.sparse.BlockMap;
import java.util.OptionalDouble;

/** Counts how much of self-attention was computed, over a whole generation. */
final class KeptBlocks {
    private long kept;
    private long all;

    /**
     * Counts one attention.
     *
     * @param keys how many there were
     */
    void count(BlockMap map, long keys) {
        kept += map.pairs();
        all += map.counts().numel() * BlockMap.blocksOf(keys, map.keyBlock());
    }

    /** Counts pairs of blocks that were all computed. */
    void countAll(long pairs) {
        kept += pairs;
        all += pairs;
    }

    /** Share of the pairs of blocks that were computed, 0..1; empty where attention was dense. */
    OptionalDouble share() {
        return all == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) kept / all);
    }
}
