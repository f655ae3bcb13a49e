/** How benchmarks print and write what they measured. */
@NullMarked
package dev.reelrank.bench.figure;

import org.jspecify.annotations.NullMarked;
