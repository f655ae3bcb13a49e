/**
 * A run: its samples, how many are done, and whether it is complete. Pure; knows {@code pipeline}
 * only.
 */
@NullMarked
package dev.reelrank.flow.run;

import org.jspecify.annotations.NullMarked;
