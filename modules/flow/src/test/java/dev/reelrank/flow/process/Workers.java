package dev.reelrank.flow.process;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.QueueSettings;
import dev.reelrank.bus.WorkQueue;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** One thread per stage that takes work and answers it at once. */
final class Workers implements AutoCloseable {
    private final List<Thread> threads = new ArrayList<>();
    private final Function<WorkItem, WorkReport> answer;
    private volatile boolean ending;

    Workers(Connection connection, EventCodec codec, EventPublisher publisher) {
        this(connection, codec, publisher, Given::success);
    }

    /** Workers that say something else than that all went well. */
    Workers(
            Connection connection,
            EventCodec codec,
            EventPublisher publisher,
            Function<WorkItem, WorkReport> answer) {
        this.answer = answer;
        for (var stage : connection.stages().names()) {
            var thread =
                    new Thread(
                            () -> work(connection, codec, publisher, stage),
                            "worker-" + stage.id());
            threads.add(thread);
            thread.start();
        }
    }

    private void work(
            Connection connection, EventCodec codec, EventPublisher publisher, StageName stage) {
        try (var queue = WorkQueue.open(connection, codec, stage, QueueSettings.of("test"))) {
            while (!ending) {
                for (Delivery delivery : queue.take(9, Duration.ofMillis(300))) {
                    publisher.publish(answer.apply(Objects.requireNonNull(delivery.work())));
                    delivery.acceptAsync();
                }
            }
        }
    }

    @Override
    public void close() throws InterruptedException {
        ending = true;
        for (var thread : threads) {
            thread.join();
        }
    }
}
