/**
 * Fault injection into a farm of real processes, and the ledger that finds lost samples.
 *
 * <p>A sample is lost if it does not end, or fails although nothing is wrong with it.
 */
@NullMarked
package dev.reelrank.bench.chaos;

import org.jspecify.annotations.NullMarked;
