/**
 * The align stage: trains adapters of a generator on preference pairs. Wires {@code alignment},
 * {@code generators} and {@code video} to {@code worker}, and knows no single family; nothing else
 * may depend on it but the command line and the benchmarks.
 */
@NullMarked
package dev.reelrank.trainer;

import org.jspecify.annotations.NullMarked;
