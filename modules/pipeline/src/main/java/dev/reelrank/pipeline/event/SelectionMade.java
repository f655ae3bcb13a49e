package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.PreferencePair;
import java.time.Instant;

/**
 * A user preferred one candidate of a sample to another.
 *
 * @param testId groups the selections of one comparison
 * @param pair the videos, resolved when the selection was made
 */
public record SelectionMade(
        String testId,
        String runId,
        String sampleId,
        long chosenSeed,
        long rejectedSeed,
        PreferencePair pair,
        String by,
        Instant at)
        implements Event {}
