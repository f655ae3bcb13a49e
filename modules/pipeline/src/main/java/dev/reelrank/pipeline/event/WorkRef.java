package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.StageName;
import org.jspecify.annotations.Nullable;

/**
 * Which work.
 *
 * @param workId see {@link dev.reelrank.pipeline.Ids#workId}
 * @param seed of a candidate, null elsewhere
 * @param epoch 0 at first, raised by every retry
 */
public record WorkRef(
        String workId,
        String runId,
        String sampleId,
        StageName stage,
        @Nullable Long seed,
        int epoch) {}
