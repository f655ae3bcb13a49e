package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A training of the preference model.
 *
 * @param version of the model in force after it: the parent's if the new one was not kept
 * @param kept whether held-out accuracy did not fall
 * @param model weights of {@code version}, null for version 0
 * @param heldOutBefore accuracy of the parent on the held-out pairs, 0..1
 * @param heldOutAfter accuracy of the new model on them, 0..1
 * @param lossTrend mean loss by epoch
 * @param patterns by subject group and dimension ("animal/temporal_flickering"): how much lower it
 *     is in rejected videos, as a share
 * @param confidence mean probability given to the chosen video of recent pairs, 0..1
 * @param pairs how many it learned from
 */
public record TuneResult(
        long version,
        long parentVersion,
        boolean kept,
        @Nullable BlobRef model,
        double heldOutBefore,
        double heldOutAfter,
        List<Double> lossTrend,
        Map<String, Double> patterns,
        double confidence,
        int pairs)
        implements StageResult {
    public TuneResult {
        lossTrend = List.copyOf(lossTrend);
        patterns = Map.copyOf(patterns);
    }

    @Override
    public List<BlobRef> blobs() {
        return model == null ? List.of() : List.of(model);
    }
}
