/** Benchmarks and fault injection. May use every module; only the command line may use it. */
@NullMarked
package dev.reelrank.bench;

import org.jspecify.annotations.NullMarked;
