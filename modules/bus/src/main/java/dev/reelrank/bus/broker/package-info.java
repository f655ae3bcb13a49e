/**
 * The broker that comes with Reelrank: Kafka in a child process, one node, its data in one folder.
 *
 * <p>{@link dev.reelrank.bus.broker.BrokerMain} is the process, {@link
 * dev.reelrank.bus.broker.EmbeddedBroker} starts one and ends with it, {@link
 * dev.reelrank.bus.broker.BrokerFolder} tells where the broker of a folder listens, {@link
 * dev.reelrank.bus.broker.ClusterOptions} chooses between it and a named cluster. An existing
 * cluster replaces all of it: everything else sees a {@link dev.reelrank.bus.Connection} only.
 */
@NullMarked
package dev.reelrank.bus.broker;

import org.jspecify.annotations.NullMarked;
