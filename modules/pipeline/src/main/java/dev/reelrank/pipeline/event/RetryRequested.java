package dev.reelrank.pipeline.event;

import java.time.Instant;

/** A failed sample, or one whose work ended as a dead letter, is retried: its epoch is raised. */
public record RetryRequested(String runId, String sampleId, String by, Instant at)
        implements Event {}
