/**
 * The candidate stage: Wan2.2 behind the stage contract, and the command that generates videos
 * alone. Wires {@code wan} and {@code video} to {@code worker}; nothing else may depend on it but
 * the command line and the benchmarks.
 */
@NullMarked
package dev.reelrank.generator;

import org.jspecify.annotations.NullMarked;
