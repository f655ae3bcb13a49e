/** Measures how fast events pass through all stages when the stages do no work. */
@NullMarked
package dev.reelrank.bench.bus;

import org.jspecify.annotations.NullMarked;
