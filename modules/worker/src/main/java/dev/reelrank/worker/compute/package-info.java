/**
 * Connects a stage with the result store: looks up a result by its input key, computes missing
 * results, and stores them. Workers on the queue and commands on local files share this code.
 */
@NullMarked
package dev.reelrank.worker.compute;

import org.jspecify.annotations.NullMarked;
