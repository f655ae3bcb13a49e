package dev.reelrank.worker.shell;

import dev.reelrank.bus.QueueView;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.worker.health.StageMetrics;
import java.util.OptionalInt;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads the state of the queue from outside, every few seconds for the metrics and on request. */
final class QueueProbe implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueProbe.class);
    private static final long EVERY_SECONDS = 5;

    private final QueueView view;
    private final StageName stage;
    private final StageMetrics metrics;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "queue-watch");
                        thread.setDaemon(true);
                        return thread;
                    });

    QueueProbe(QueueView view, StageName stage, StageMetrics metrics) {
        this.view = view;
        this.stage = stage;
        this.metrics = metrics;
        timer.scheduleWithFixedDelay(this::look, 1, EVERY_SECONDS, TimeUnit.SECONDS);
    }

    private void look() {
        try {
            metrics.lag(view.owed(stage).lag());
        } catch (RuntimeException e) {
            metrics.lag(-1);
            LOG.debug("cannot read the queue's lag: {}", e.toString());
        }
    }

    /** How many workers serve the queue, this one among them; empty if the broker does not say. */
    OptionalInt members() {
        try {
            return OptionalInt.of(view.members(stage));
        } catch (StageException e) {
            LOG.debug("cannot read the queue's members: {}", e.toString());
            return OptionalInt.empty();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        view.close();
    }
}
