package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.PreferencePair;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A user preferred one candidate of a sample to another.
 *
 * @param testId groups the selections of one comparison
 * @param pair the videos, resolved when the selection was made
 * @param facts the same as a pair that a generator can learn from; null where it is not known how
 *     the videos were generated
 */
public record SelectionMade(
        String testId,
        String runId,
        String sampleId,
        long chosenSeed,
        long rejectedSeed,
        PreferencePair pair,
        String by,
        Instant at,
        @Nullable PairFacts facts)
        implements Event {
    /** One that no generator learns from. */
    public SelectionMade(
            String testId,
            String runId,
            String sampleId,
            long chosenSeed,
            long rejectedSeed,
            PreferencePair pair,
            String by,
            Instant at) {
        this(testId, runId, sampleId, chosenSeed, rejectedSeed, pair, by, at, null);
    }
}
