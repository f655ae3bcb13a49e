/**
 * The candidate stage: every generator family behind the stage contract, and the command that
 * generates videos alone. Wires {@code generators} and {@code video} to {@code worker}, and knows
 * no single family; nothing else may depend on it but the command line and the benchmarks.
 */
@NullMarked
package dev.reelrank.generator;

import org.jspecify.annotations.NullMarked;
