/** How a worker shows that it is well: heartbeat file, health and Prometheus endpoints, logs. */
@NullMarked
package dev.reelrank.worker.health;

import org.jspecify.annotations.NullMarked;
