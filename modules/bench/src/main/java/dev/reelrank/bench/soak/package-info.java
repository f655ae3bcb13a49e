/** Measures how much memory each process of a farm needs at full load. */
@NullMarked
package dev.reelrank.bench.soak;

import org.jspecify.annotations.NullMarked;
