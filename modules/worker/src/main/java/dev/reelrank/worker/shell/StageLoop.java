package dev.reelrank.worker.shell;

import dev.reelrank.bus.Delivery;
import dev.reelrank.bus.Quarantine;
import dev.reelrank.bus.WorkQueue;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.health.WorkerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes work, answers it from the store or by computing, and yields the device by its rules. One
 * thread runs it; the queue renews held records meanwhile.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 */
final class StageLoop<Q extends StageRequest, R extends StageResult> implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(StageLoop.class);
    private static final Duration POLL = Duration.ofMillis(250);

    private final IntSupplier maxBatch;
    private final StageSession<Q, R> session;
    private final WorkQueue queue;
    private final Reporter reporter;
    private final GivenUp givenUp;
    private final Batches<Q, R> batches;
    private final Room room;
    private final StageMetrics metrics;
    private final LoopSettings settings;
    private final Ending ending;
    private final Watchdog watchdog;
    private final Quarantine quarantine;
    private long emptySince = System.nanoTime();

    /**
     * @param maxBatch how many records to take at once, asked each time
     */
    StageLoop(
            IntSupplier maxBatch,
            StageSession<Q, R> session,
            WorkQueue queue,
            Reporter reporter,
            GivenUp givenUp,
            Batches<Q, R> batches,
            Room room,
            StageMetrics metrics,
            LoopSettings settings,
            Ending ending,
            Watchdog watchdog) {
        this.maxBatch = maxBatch;
        this.session = session;
        this.queue = queue;
        this.reporter = reporter;
        this.givenUp = givenUp;
        this.batches = batches;
        this.room = room;
        this.metrics = metrics;
        this.settings = settings;
        this.ending = ending;
        this.watchdog = watchdog;
        this.quarantine = new Quarantine(settings.quarantineAfter());
    }

    /** Until the ending is asked for, or a fault of ours asks for a new process. */
    @Override
    public void run() {
        try {
            while (!ending.asked() && !batches.tainted()) {
                turn();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            metrics.state(WorkerState.STOPPED);
            session.unload();
            room.close();
        }
    }

    private void turn() throws InterruptedException {
        if (room.asked() && !room.held() && !room.await(POLL, ending::asked)) {
            // The work was returned; the place in the line is kept until it is granted.
            metrics.state(WorkerState.WAITING);
            return;
        }
        metrics.state(WorkerState.POLLING);
        // Without a reservation one record only: others may have room for the rest.
        var taken = queue.take(room.held() ? maxBatch.getAsInt() : 1, POLL);
        if (taken.isEmpty()) {
            idle();
            return;
        }
        metrics.inFlight(Duration.ZERO);
        try {
            answer(taken);
        } finally {
            metrics.inFlight(null);
        }
        emptySince = System.nanoTime();
        afterWork();
    }

    private void answer(List<Delivery> taken) throws InterruptedException {
        var missing = new ArrayList<Held<Q>>();
        var strange = new ArrayList<Delivery>();
        for (var delivery : taken) {
            var item = delivery.work();
            if (item == null) {
                strange.add(delivery);
                continue;
            }
            try (var ids = LogIds.of(item.work(), delivery)) {
                if (givenUp.test(delivery, item.work())) {
                    LOG.warn("{} failed for good: its record is settled unseen", delivery);
                    delivery.accept();
                    continue;
                }
                var held = fromStore(delivery, item);
                if (held != null) {
                    missing.add(held);
                }
            } catch (RuntimeException | Error e) {
                // It would end this worker, and every other one that gets the record.
                LOG.error("{} cannot be handled", delivery, e);
                reporter.unreadable(
                        delivery,
                        new StageException(
                                FailureCode.UNDECODABLE,
                                "the record cannot be processed: " + e,
                                e));
            }
        }
        batches.compute(missing);
        for (var delivery : strange) {
            unreadable(delivery);
        }
    }

    private void unreadable(Delivery delivery) throws InterruptedException {
        var why = delivery.unreadable();
        if (why == null || why.code() != FailureCode.UNKNOWN_SCHEMA) {
            reporter.unreadable(delivery, why);
            return;
        }
        // This process is too old for what it was given: an upgrade under way may still take it.
        metrics.state(WorkerState.PAUSED);
        LOG.error("{}: {}; upgrade this worker", delivery, why.getMessage());
        while (!quarantine.left().isZero()) {
            if (ending.asked()) {
                return;
            }
            Thread.sleep(POLL.toMillis());
        }
        reporter.unreadable(delivery, why);
    }

    @SuppressWarnings("unchecked")
    private @Nullable Held<Q> fromStore(Delivery delivery, WorkItem item)
            throws InterruptedException {
        var start = System.nanoTime();
        var backoff = new Backoff(settings.longestPause(), settings.giveUp());
        while (true) {
            try {
                // The queue of a stage carries requests of that stage.
                watchdog.begin();
                var prepared = session.prepare(item.work(), (Q) item.request());
                var stored = session.look(prepared);
                watchdog.end();
                if (stored.isEmpty()) {
                    return new Held<>(delivery, prepared);
                }
                reporter.ended(
                        delivery,
                        item.work(),
                        stored.get(),
                        Duration.ofNanos(System.nanoTime() - start));
                return null;
            } catch (StageException e) {
                watchdog.end();
                if (e.code().category() != FailureCategory.EXTERNAL) {
                    var failed =
                            new Failed(e.code(), String.valueOf(e.getMessage()), null, null, false);
                    reporter.ended(delivery, item.work(), failed, Duration.ZERO);
                    return null;
                }
                if (!batches.pause(e, backoff)) {
                    reporter.ended(delivery, item.work(), batches.returned(e), Duration.ZERO);
                    return null;
                }
            } catch (RuntimeException | Error e) {
                watchdog.end();
                // One that cannot even be looked at says nothing about the others in hand.
                LOG.error("{} could not be prepared", delivery, e);
                var failed =
                        new Failed(
                                FailureCode.INTERNAL_ERROR,
                                "could not prepare the work: " + e,
                                null,
                                null,
                                false);
                reporter.ended(delivery, item.work(), failed, Duration.ZERO);
                return null;
            }
        }
    }

    /** Without work, gives the device to a waiting worker. */
    private void idle() {
        var empty = Duration.ofNanos(System.nanoTime() - emptySince);
        if (room.held() && empty.compareTo(settings.emptyYield()) >= 0) {
            if (session.loaded() == null) {
                // Granted without a held record, and none arrived: not worth loading for.
                room.close();
            } else if (room.wanted()) {
                giveWay("its queue is empty");
            }
        }
    }

    /** With work, the device goes on after a stay that was worth the loading. */
    private void afterWork() {
        var stay = settings.residentLoads() * session.lastLoadMillis();
        if (room.held() && room.age().toMillis() >= stay && room.wanted()) {
            giveWay("its residence time is over");
        }
    }

    private void giveWay(String why) {
        if (room.giveWay()) {
            LOG.info("unloading for another worker: {}", why);
            var start = System.nanoTime();
            session.unload();
            room.close();
            metrics.yielded();
            LOG.info("unloaded in {} ms", (System.nanoTime() - start) / 1_000_000);
        }
    }
}
