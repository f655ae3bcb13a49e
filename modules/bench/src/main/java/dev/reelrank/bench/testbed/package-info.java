/**
 * The measures of the testbed's checkpoints, each against the truth of rendered scenes. May use
 * every engine; knows no bus.
 */
@NullMarked
package dev.reelrank.bench.testbed;

import org.jspecify.annotations.NullMarked;
