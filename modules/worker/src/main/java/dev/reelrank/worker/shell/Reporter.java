package dev.reelrank.worker.shell;

import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.Route;
import dev.reelrank.bus.Topics;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.health.WorkerState;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reports the progress of work on the bus. An outcome is published before its record is accepted: a
 * death between the two makes a second, equal report, never none.
 */
final class Reporter {
    private static final Logger LOG = LoggerFactory.getLogger(Reporter.class);

    private final EventPublisher publisher;
    private final Topics topics;
    private final StageName stage;
    private final Producer producer;
    private final StageMetrics metrics;
    private final LoopSettings settings;
    private final Ending ending;
    private final Tracing tracing;
    private final Clock clock;

    Reporter(
            EventPublisher publisher,
            Topics topics,
            StageName stage,
            Producer producer,
            StageMetrics metrics,
            LoopSettings settings,
            Ending ending,
            Tracing tracing,
            Clock clock) {
        this.publisher = publisher;
        this.topics = topics;
        this.stage = stage;
        this.producer = producer;
        this.metrics = metrics;
        this.settings = settings;
        this.ending = ending;
        this.tracing = tracing;
        this.clock = clock;
    }

    /** On the topic before the stage runs, so that a death is counted even if nothing follows. */
    void started(List<WorkRef> works) throws InterruptedException {
        for (var work : works) {
            insist(new WorkReport(work, producer, clock.instant(), new WorkReport.Started()));
        }
    }

    /** Publishes the outcome, then accepts the record. */
    void ended(Delivery delivery, WorkRef work, WorkReport.Body body, Duration took)
            throws InterruptedException {
        var report = new WorkReport(work, producer, clock.instant(), body);
        insist(topics.route(report), report, tracing.record(Steps.of(delivery, report)));
        delivery.accept();
        metrics.ended(body, took);
        logEnd(body, took);
    }

    private static void logEnd(WorkReport.Body body, Duration took) {
        if (body instanceof WorkReport.Failed failed) {
            LOG.warn("failed with {}: {}", failed.code(), failed.message());
        } else if (body instanceof WorkReport.Returned returned) {
            LOG.info("returned: {}", returned.reason());
        } else if (body instanceof WorkReport.Succeeded success) {
            LOG.info(
                    success.computation().reused() ? "found in the store, {} ms" : "done, {} ms",
                    took.toMillis());
        }
    }

    /** Bytes that are no work item: flow makes them a dead letter. */
    void unreadable(Delivery delivery, @Nullable StageException why) throws InterruptedException {
        metrics.undecodable();
        var letter =
                new DeadLetter(
                        null,
                        why == null ? FailureCode.UNDECODABLE : why.code(),
                        delivery.source() + ": " + (why == null ? "no work" : why.getMessage()),
                        null,
                        1,
                        List.of(producer.processId()),
                        null,
                        delivery.payload(),
                        delivery.source(),
                        clock.instant());
        LOG.warn("{}", letter.message());
        insist(new Route(topics.results(stage), delivery.source()), letter, Map.of());
        delivery.accept();
    }

    /** Best effort, and never a wait: it is called between two steps of a computation. */
    void progress(WorkRef work, int step, int of, Map<String, Double> figures) {
        publisher.offer(new ProgressReported(work, producer, step, of, figures, clock.instant()));
    }

    private void insist(WorkReport report) throws InterruptedException {
        insist(topics.route(report), report, Map.of());
    }

    /** Publishes until it succeeds: the result exists, only the broker is away. */
    private void insist(Route route, Event event, Map<String, byte[]> headers)
            throws InterruptedException {
        var before = metrics.state();
        var backoff = new Backoff(settings.longestPause(), Duration.ofDays(1));
        while (true) {
            try {
                publisher.publish(route, event, headers);
                metrics.state(before);
                return;
            } catch (StageException e) {
                if (e.code().category() != FailureCategory.EXTERNAL) {
                    throw e;
                }
                metrics.state(WorkerState.PAUSED);
                LOG.warn("{}; trying again in {} ms", e.getMessage(), backoff.next());
                if (!backoff.pause(ending::timeIsUp)) {
                    throw e;
                }
            }
        }
    }
}
