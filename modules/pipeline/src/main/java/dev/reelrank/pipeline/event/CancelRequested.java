package dev.reelrank.pipeline.event;

import java.time.Instant;

/**
 * A user no longer wants a sample: nothing more of it is asked for, and it ends as failed. Nothing
 * happens if it has ended. What workers have begun they finish; it is kept, and decides nothing.
 *
 * @param by who asked, for people
 */
public record CancelRequested(String runId, String sampleId, String by, Instant at)
        implements Event {}
