package dev.reelrank.worker.shell;

import dev.reelrank.bus.QueueView;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks how many workers share a queue: on request, and every few seconds to know whether the
 * cluster answers.
 */
final class QueueMembers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueMembers.class);
    private static final long EVERY_SECONDS = 5;

    private final QueueView view;
    private final StageName stage;
    private volatile long answeredAt = System.nanoTime();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "queue-members");
                        thread.setDaemon(true);
                        return thread;
                    });

    QueueMembers(QueueView view, StageName stage) {
        this.view = view;
        this.stage = stage;
        var unused =
                timer.scheduleWithFixedDelay(this::members, 1, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    /** How long the cluster has not answered. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - answeredAt);
    }

    /** How many workers serve the queue, this one among them; empty if the broker does not say. */
    OptionalInt members() {
        try {
            int members = view.members(stage);
            answeredAt = System.nanoTime();
            return OptionalInt.of(members);
        } catch (StageException e) {
            LOG.debug("the queue's members cannot be told: {}", e.toString());
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        view.close();
    }
}
