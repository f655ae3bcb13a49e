package dev.reelrank.pipeline.event;

import java.time.Instant;

/** Go back to a version of the preference model; 0 is the state before any training. */
public record TuneReset(long version, String by, Instant at) implements Event {}
