package dev.reelrank.pipeline.event;

import java.time.Instant;

/** Step {@code step} of {@code of} is done; best effort, kept for an hour. */
public record ProgressReported(WorkRef work, Producer producer, int step, int of, Instant at)
        implements Event {}
