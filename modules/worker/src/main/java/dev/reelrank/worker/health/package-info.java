/** The health of a worker: its states, metrics and health page. */
@NullMarked
package dev.reelrank.worker.health;

import org.jspecify.annotations.NullMarked;
