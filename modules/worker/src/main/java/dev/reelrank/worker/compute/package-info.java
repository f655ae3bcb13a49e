/**
 * A stage and its store: looks a result up by its input key, computes what is missing, keeps what
 * was computed. The same for a worker on the queue and for a command on local files.
 */
@NullMarked
package dev.reelrank.worker.compute;

import org.jspecify.annotations.NullMarked;
