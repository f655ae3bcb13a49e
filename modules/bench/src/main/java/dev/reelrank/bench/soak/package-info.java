/** A farm at full load for a while, and how much memory each of its processes needs meanwhile. */
@NullMarked
package dev.reelrank.bench.soak;

import org.jspecify.annotations.NullMarked;
