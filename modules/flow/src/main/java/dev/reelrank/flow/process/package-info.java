/**
 * The process around the topology: settings of Streams, the watch over the queues, health and
 * metrics, the command.
 */
@NullMarked
package dev.reelrank.flow.process;

import org.jspecify.annotations.NullMarked;
