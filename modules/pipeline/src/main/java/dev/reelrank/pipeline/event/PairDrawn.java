package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.PairFacts;
import java.time.Instant;

/**
 * Flow found a preference pair in facts, for the adapter that it trains by itself.
 *
 * @param name of the adapter
 * @param pair to learn from
 */
public record PairDrawn(String name, PairFacts pair, Instant at) implements Event {}
