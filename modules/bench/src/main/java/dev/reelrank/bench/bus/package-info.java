/** How fast events pass through all stages when the stages do nothing. */
@NullMarked
package dev.reelrank.bench.bus;

import org.jspecify.annotations.NullMarked;
