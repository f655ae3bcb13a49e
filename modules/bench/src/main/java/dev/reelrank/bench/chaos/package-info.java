/**
 * Fault injection over a farm of real processes, and the ledger that says what was lost.
 *
 * <p>A sample is lost if it does not end, or ends failed for a cause that was not its own.
 */
@NullMarked
package dev.reelrank.bench.chaos;

import org.jspecify.annotations.NullMarked;
