package dev.reelrank.pipeline.event;

import java.time.Instant;

/** Train now, however few new selections there are. */
public record TuneRequested(String by, Instant at) implements Event {}
