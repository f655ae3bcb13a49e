/**
 * The flow process: the only writer of facts, work and dead letters.
 *
 * <p>Its decisions are plain Java without Kafka ({@link dev.reelrank.flow.work}, {@link
 * dev.reelrank.flow.sample}, {@link dev.reelrank.flow.run}, {@link dev.reelrank.flow.preference},
 * {@link dev.reelrank.flow.beside}, {@link dev.reelrank.flow.adapter}): functions from a state, an
 * event and the time to the next state and a list of {@link dev.reelrank.flow.Effect effects}.
 * {@link dev.reelrank.flow.topology} wraps them in one Kafka Streams topology whose transactions
 * hold state, facts, work and dead letters together. May depend on {@code pipeline} and {@code
 * bus}, but not on Avro, an engine or the worker shell.
 */
@NullMarked
package dev.reelrank.flow;

import org.jspecify.annotations.NullMarked;
