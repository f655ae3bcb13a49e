package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A result that holds: the first success of a (workId, epoch). Written by flow alone, exactly once,
 * keyed by run and sample, kept forever.
 *
 * @param inheritedFrom the run in which it was made, null if in this one
 */
public record StageFact(
        WorkRef work,
        Producer producer,
        Computation computation,
        StageResult result,
        @Nullable String inheritedFrom,
        Instant at)
        implements Event {
    /** Whether devices worked on it for this run: neither found in the store nor inherited. */
    public boolean computedHere() {
        return !computation.reused() && inheritedFrom == null;
    }
}
