/**
 * The candidate stage for all generator families, and the command that runs this stage alone.
 * Connects {@code generators} and {@code video} to {@code worker}, and depends on no particular
 * family. Only the command line and the benchmarks may depend on it.
 */
@NullMarked
package dev.reelrank.generator;

import org.jspecify.annotations.NullMarked;
