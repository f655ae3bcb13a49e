/** Measures Wan2.2 at published and small sizes with random weights. */
@NullMarked
package dev.reelrank.bench.wan;

import org.jspecify.annotations.NullMarked;
