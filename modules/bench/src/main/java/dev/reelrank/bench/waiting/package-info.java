/**
 * Stages that wait instead of computing: for benchmarks of the bus and the shell, and for faults.
 * They exist only here; {@code run} and {@code worker} cannot select them.
 */
@NullMarked
package dev.reelrank.bench.waiting;

import org.jspecify.annotations.NullMarked;
