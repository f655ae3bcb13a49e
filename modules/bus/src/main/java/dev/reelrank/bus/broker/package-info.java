/**
 * The broker that comes with Reelrank: Kafka in a child process, one node, its data in one folder.
 *
 * <p>{@link dev.reelrank.bus.broker.BrokerMain} is the process, {@link
 * dev.reelrank.bus.broker.EmbeddedBroker} starts and stops it, {@link
 * dev.reelrank.bus.broker.BrokerFolder} finds the address of a folder's broker, {@link
 * dev.reelrank.bus.broker.ClusterOptions} chooses between it and a named cluster. An existing
 * cluster replaces all of this: other code sees only a {@link dev.reelrank.bus.Connection}.
 */
@NullMarked
package dev.reelrank.bus.broker;

import org.jspecify.annotations.NullMarked;
