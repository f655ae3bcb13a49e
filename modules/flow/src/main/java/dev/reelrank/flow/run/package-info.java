/**
 * A run: which samples it has, how many are done, when it is complete. Pure; knows {@code pipeline}
 * only.
 */
@NullMarked
package dev.reelrank.flow.run;

import org.jspecify.annotations.NullMarked;
