/** Measures preference training: its speed and memory at published and small sizes. */
@NullMarked
package dev.reelrank.bench.align;

import org.jspecify.annotations.NullMarked;
