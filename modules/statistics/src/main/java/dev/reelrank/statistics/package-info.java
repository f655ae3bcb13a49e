/**
 * Statistics of paired measurements: what a difference is worth, and how many samples it takes to
 * see it. Arithmetic alone; distributions and ranks are those of Apache Commons Statistics.
 */
@NullMarked
package dev.reelrank.statistics;

import org.jspecify.annotations.NullMarked;
