/** Benchmarks and fault injection. May use every module; nothing but the command may use it. */
@NullMarked
package dev.reelrank.bench;

import org.jspecify.annotations.NullMarked;
