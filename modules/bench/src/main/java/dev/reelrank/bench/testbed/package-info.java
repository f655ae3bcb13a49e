/**
 * Measures the testbed's checkpoints against the ground truth of rendered scenes. May use every
 * engine, but not the bus.
 */
@NullMarked
package dev.reelrank.bench.testbed;

import org.jspecify.annotations.NullMarked;
