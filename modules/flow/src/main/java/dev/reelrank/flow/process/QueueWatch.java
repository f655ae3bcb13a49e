package dev.reelrank.flow.process;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.QueueView;
import dev.reelrank.bus.TopicTrimmer;
import dev.reelrank.bus.Topics;
import dev.reelrank.flow.topology.QueueHeads;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every few seconds how far the workers are with each queue, so that work that is no longer
 * on it is noticed, and now and then deletes what all have settled.
 */
final class QueueWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(QueueWatch.class);
    private static final Duration FIRST = Duration.ofSeconds(1);

    private final QueueView view;
    private final TopicTrimmer trimmer;
    private final Topics topics;
    private final Duration keepReports;
    private final QueueHeads heads;
    private volatile long answeredAt = System.nanoTime();
    private final Map<StageName, AtomicLong> lags = new LinkedHashMap<>();
    private final Map<StageName, AtomicReference<@Nullable Instant>> oldest = new LinkedHashMap<>();
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(
                    task -> {
                        var thread = new Thread(task, "queue-watch");
                        thread.setDaemon(true);
                        return thread;
                    });

    /**
     * @param keepReports how old what flow has taken in must be to be deleted
     */
    QueueWatch(
            Connection connection, QueueHeads heads, MeterRegistry registry, Duration keepReports) {
        this.view = new QueueView(connection);
        this.trimmer = new TopicTrimmer(connection);
        this.topics = connection.topics();
        this.keepReports = keepReports;
        this.heads = heads;
        for (var stage : topics.stages().names()) {
            var lag = new AtomicLong();
            lags.put(stage, lag);
            Gauge.builder("reelrank.queue.lag", lag, AtomicLong::get)
                    .description("unsettled records of the queue, including those in progress")
                    .tag("stage", stage.id())
                    .register(registry);
            var first = new AtomicReference<@Nullable Instant>();
            oldest.put(stage, first);
            Gauge.builder("reelrank.queue.oldest.seconds", () -> age(first.get()))
                    .description(
                            "age of the oldest unsettled record of the queue; 0 if there is none")
                    .tag("stage", stage.id())
                    .register(registry);
        }
        Gauge.builder("reelrank.cluster.silence.seconds", () -> silence().toMillis() / 1000.0)
                .description("how long the cluster has not answered about the queues")
                .register(registry);
    }

    /** In seconds; two clocks may differ, but nothing is younger than now. */
    private static double age(@Nullable Instant emitted) {
        return emitted == null
                ? 0
                : Math.max(0, Duration.between(emitted, Instant.now()).toMillis() / 1000.0);
    }

    void start(Duration look, Duration trim) {
        every(look, FIRST, this::look);
        every(trim, trim, this::trim);
        every(trim, trim, this::trimInbox);
    }

    private void every(Duration pause, Duration first, Runnable task) {
        var unused =
                timer.scheduleWithFixedDelay(
                        task, first.toMillis(), pause.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Does something later. */
    void after(Duration wait, Runnable task) {
        var unused = timer.schedule(task, wait.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** How long the cluster has not answered. */
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - answeredAt);
    }

    private void look() {
        for (var stage : topics.stages().names()) {
            try {
                var owed = view.owed(stage);
                heads.oldestOwed(stage, owed.settledBefore());
                var lag = lags.get(stage);
                if (lag != null) {
                    lag.set(owed.lag());
                }
                var first = oldest.get(stage);
                if (first != null) {
                    first.set(owed.empty() ? null : owed.settledBefore());
                }
            } catch (StageException e) {
                // Not knowing is no harm: nothing is emitted again meanwhile.
                if (!timer.isShutdown()) {
                    LOG.warn("the {} queue could not be read: {}", stage.id(), e.getMessage());
                }
                return;
            } catch (RuntimeException e) {
                LOG.error("the {} queue could not be read", stage.id(), e);
                return;
            }
        }
        answeredAt = System.nanoTime();
    }

    private void trim() {
        for (var stage : topics.stages().names()) {
            try {
                LOG.debug("the {} queue begins at {}", stage.id(), view.trim(stage));
            } catch (StageException e) {
                if (!timer.isShutdown()) {
                    LOG.warn("the {} queue could not be trimmed: {}", stage.id(), e.getMessage());
                }
                return;
            } catch (RuntimeException e) {
                LOG.error("the {} queue could not be trimmed", stage.id(), e);
                return;
            }
        }
    }

    private void trimInbox() {
        var olderThan = Instant.now().minus(keepReports);
        for (var topic : topics.flowInbox()) {
            if (!trimmed(topic, topics.flowGroup(), olderThan)) {
                return;
            }
        }
        trimmed(topics.jsonSubmissions(), topics.jsonGroup(), olderThan);
    }

    private boolean trimmed(String topic, String group, Instant olderThan) {
        try {
            LOG.debug("{} begins at {}", topic, trimmer.trim(topic, group, olderThan));
            return true;
        } catch (StageException e) {
            if (!timer.isShutdown()) {
                LOG.warn("{} could not be trimmed: {}", topic, e.getMessage());
            }
            return false;
        } catch (RuntimeException e) {
            LOG.error("{} could not be trimmed", topic, e);
            return false;
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
        try {
            if (!timer.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn(
                        "a check of the queues is still running; its clients end with the process");
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        }
        view.close();
        trimmer.close();
    }
}
