/**
 * The process around the topology: settings of Kafka Streams, monitoring of the queues, health and
 * metrics, the command.
 */
@NullMarked
package dev.reelrank.flow.process;

import org.jspecify.annotations.NullMarked;
