/**
 * The decisions as a Kafka Streams topology: inputs, state stores, and how effects become records.
 * One transaction holds state, facts, work and dead letters. May depend on bus and Kafka.
 */
@NullMarked
package dev.reelrank.flow.topology;

import org.jspecify.annotations.NullMarked;
