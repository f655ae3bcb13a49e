package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.List;

/**
 * What a stage found or made: a record. It names no run and no sample, so that it can serve another
 * run.
 */
public interface StageResult {
    /** Every blob the result refers to; they are checked before a stored result is used again. */
    List<BlobRef> blobs();

    /**
     * Whether it only helps to decide what goes on: the draft of a candidate, or a comparison of
     * drafts. It is no candidate and no ranking.
     */
    default boolean preliminary() {
        return false;
    }
}
