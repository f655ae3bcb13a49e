package dev.reelrank.pipeline.event;

import java.time.Instant;

/**
 * A submission is complete. A run is done when every submission is closed and as many distinct
 * samples as counted are terminal.
 *
 * @param count distinct sample ids that this submission sent
 */
public record RunClosed(String runId, String submissionId, int count, Instant at)
        implements Event {}
