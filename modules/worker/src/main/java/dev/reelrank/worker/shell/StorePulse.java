package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks the store every few seconds whether it answers. The work itself says so too, but an idle
 * worker has none, and one that waits for a frozen store says nothing for minutes.
 */
final class StorePulse implements AutoCloseable {
    static final Duration EVERY = Duration.ofSeconds(5);

    private static final Logger LOG = LoggerFactory.getLogger(StorePulse.class);

    private final ResultStore store;
    private volatile long answeredAt = System.nanoTime();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "store-pulse");
                        thread.setDaemon(true);
                        return thread;
                    });

    StorePulse(ResultStore store, Duration every) {
        this.store = store;
        var unused =
                timer.scheduleWithFixedDelay(
                        this::ask, every.toMillis(), every.toMillis(), TimeUnit.MILLISECONDS);
    }

    private void ask() {
        try {
            store.check();
            answeredAt = System.nanoTime();
        } catch (StageException e) {
            LOG.debug("the store does not answer: {}", e.toString());
        }
    }

    /** How long the store has not answered. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - answeredAt);
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
