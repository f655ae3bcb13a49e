/** How a worker shows that it is well: its states, metrics and health page. */
@NullMarked
package dev.reelrank.worker.health;

import org.jspecify.annotations.NullMarked;
