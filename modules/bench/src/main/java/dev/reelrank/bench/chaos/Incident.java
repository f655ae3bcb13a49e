package dev.reelrank.bench.chaos;

import java.time.Instant;

/**
 * A fault that was injected.
 *
 * @param target the process, topic or file
 * @param at when it began
 * @param over when what lasts a while was over
 */
record Incident(Fault fault, String target, Instant at, Instant over) {}
