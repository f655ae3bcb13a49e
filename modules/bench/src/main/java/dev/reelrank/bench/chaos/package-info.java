/**
 * Fault injection into a farm of real processes, and the ledger that finds lost samples.
 *
 * <p>A sample is lost if it does not end, or fails for a cause that is not its own.
 */
@NullMarked
package dev.reelrank.bench.chaos;

import org.jspecify.annotations.NullMarked;
