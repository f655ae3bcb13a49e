package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.List;

/**
 * A worker's side of the queue of one stage, on a Kafka share group.
 *
 * <p>The protocol:
 *
 * <pre>{@code
 * try (var queue = WorkQueue.open(connection, codec, StageName.CANDIDATE, QueueSettings.of("gpu-0"))) {
 *     while (running) {
 *         for (Delivery d : queue.take(9, Duration.ofSeconds(2))) {
 *             publisher.publish(report(run(d.work())));   // first publish, then
 *             d.accept();                                 // settle
 *         }
 *     }
 * }
 * }</pre>
 *
 * <ul>
 *   <li>A record taken is kept for this worker for as long as it wants: a thread of the queue
 *       renews it every third of the lock, each on its own.
 *   <li>When the process dies its records go to other workers at once (its connection closes), when
 *       it hangs after the lock has run out. {@link Delivery#lost} then tells, and the task goes
 *       on.
 *   <li>Nothing is acknowledged but by {@link Delivery#accept}. {@link #close} hands back what is
 *       not accepted, with a delivery count one higher.
 *   <li>A record that comes again after its work was accepted here, though the lock had been lost,
 *       is settled silently. Two records of the same work in one batch are one delivery.
 *   <li>Only committed records are seen.
 * </ul>
 *
 * <p>Serves one caller at a time; {@link Delivery} serves any thread.
 */
public final class WorkQueue implements AutoCloseable {
    private final ShareLoop loop;

    private WorkQueue(ShareLoop loop) {
        this.loop = loop;
    }

    /**
     * Sets the group up. It joins with the first {@link #take}.
     *
     * @throws dev.reelrank.pipeline.StageException BROKER_UNAVAILABLE; INVALID_CONFIG if the
     *     cluster refuses this client or has no share groups
     */
    public static WorkQueue open(
            Connection connection, EventCodec codec, StageName stage, QueueSettings settings) {
        String group = connection.topics().group(stage);
        Duration lock = ShareGroup.configure(connection, group, settings.lock());
        var consumers =
                new ShareConsumers(
                        connection, connection.topics().work(stage), group, settings.member());
        return new WorkQueue(new ShareLoop(consumers, codec, lock, settings.member()));
    }

    /**
     * Takes what is there, up to a number of records, without waiting for more than the first.
     *
     * <p>Another {@code max} than before joins the group anew, which takes about a second: change
     * it with the state of the worker, not with every call.
     *
     * @param max 1 or more
     * @param wait for the first record; 0 looks once
     * @return empty if nothing came
     * @throws IllegalStateException if a delivery of an earlier call is not accepted yet: the group
     *     gives out no more until then
     * @throws dev.reelrank.pipeline.StageException INVALID_CONFIG if the cluster refuses this
     *     client. A broker that is away is no failure: nothing comes until it is back
     */
    public List<Delivery> take(int max, Duration wait) {
        return loop.take(max, wait);
    }

    /** How long a record is kept for a worker that says nothing, after clamping. */
    public Duration lock() {
        return loop.lock();
    }

    /** Leaves the group; what is not accepted goes to others at once. */
    @Override
    public void close() {
        loop.close();
    }
}
