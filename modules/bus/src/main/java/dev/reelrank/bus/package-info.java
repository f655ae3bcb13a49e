/**
 * The bus: topics, events in and out, work queues. This module depends on no model, and no other
 * module depends on Avro.
 *
 * <ul>
 *   <li>{@link dev.reelrank.bus.Connection}: where the cluster is, with any of Kafka's own
 *       settings; base properties for clients and Streams.
 *   <li>{@link dev.reelrank.bus.Topics}: every topic's name, the key and topic of every event.
 *       {@link dev.reelrank.bus.TopicSetup} creates and checks them.
 *   <li>{@link dev.reelrank.bus.EventPublisher} and {@link dev.reelrank.bus.EventReader}: events
 *       in, without loss, and facts out, without duplicates.
 *   <li>{@link dev.reelrank.bus.WorkQueue}: a worker's side of a work topic (a share group). {@link
 *       dev.reelrank.bus.QueueView} is the view from outside: members, lag, the oldest record that
 *       is not settled yet, trimming.
 *   <li>{@link dev.reelrank.bus.codec.EventCodec}: events to bytes and back.
 *   <li>{@link dev.reelrank.bus.broker}: the broker that comes with Reelrank, a child process.
 * </ul>
 *
 * <p>A work record that is not an event ({@link dev.reelrank.bus.Delivery#unreadable}) becomes a
 * dead letter as follows: the worker publishes a {@link dev.reelrank.pipeline.event.DeadLetter}
 * without a work reference, with the payload and its source, to {@code results.<stage>}, and flow
 * copies it to {@code dead.<stage>}; flow stays the only writer there.
 */
@NullMarked
package dev.reelrank.bus;

import org.jspecify.annotations.NullMarked;
