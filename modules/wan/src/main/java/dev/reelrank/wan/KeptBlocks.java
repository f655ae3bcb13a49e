package dev.reelrank.wan;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.sparse.BlockMap;
import java.util.OptionalDouble;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Counts how much of self-attention was computed, over a whole generation. What maps keep is added
 * up where they lie: to look at it would wait for the GPU in every layer.
 */
final class KeptBlocks implements AutoCloseable {
    private long kept;
    private long all;

    /** Int64, what was counted on the maps' device. */
    private @Nullable Tensor counted;

    /**
     * Counts one attention.
     *
     * @param keys how many there were
     */
    void count(BlockMap map, long keys) {
        all += map.counts().numel() * BlockMap.blocksOf(keys, map.keyBlock());
        Tensor before = counted;
        try (var scope = TensorScope.open()) {
            Tensor more = Ops.to(map.counts(), DType.INT64).sum();
            counted = before == null ? more : more.add(before);
            counted.retainReference();
        }
        if (before != null) {
            before.close();
        }
    }

    /** Counts pairs of blocks that were all computed. */
    void countAll(long pairs) {
        kept += pairs;
        all += pairs;
    }

    /** Share of the pairs of blocks that were computed, 0..1; empty where attention was dense. */
    OptionalDouble share() {
        if (all == 0) {
            return OptionalDouble.empty();
        }
        long sum = kept + (counted == null ? 0 : counted.item_long());
        return OptionalDouble.of((double) sum / all);
    }

    @Override
    public void close() {
        if (counted != null) {
            counted.close();
            counted = null;
        }
    }
}
