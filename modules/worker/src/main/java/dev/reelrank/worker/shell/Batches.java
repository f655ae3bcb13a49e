package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Needs;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.worker.compute.Causes;
import dev.reelrank.worker.compute.StageSession;
import dev.reelrank.worker.health.ProcessMemory;
import dev.reelrank.worker.health.StageMetrics;
import dev.reelrank.worker.health.WorkerState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Computes what is missing: in groups of one load key, on reserved memory and cores, with pauses
 * where something outside failed. Every held record ends here, with an outcome or returned.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 */
final class Batches<Q extends StageRequest, R extends StageResult> {
    private static final Logger LOG = LoggerFactory.getLogger(Batches.class);

    private static final Needs NOTHING = new Needs(0, 0);

    private final Stage<Q, R> stage;
    private final int most;
    private final StageSession<Q, R> session;
    private final Room room;
    private final Cores cores;
    private final Reporter reporter;
    private final StageMetrics metrics;
    private final LoopSettings settings;
    private final Ending ending;
    private final Supplier<OptionalInt> members;
    private final Watchdog watchdog;
    private final IdentityHashMap<Held<Q>, Needs> needs = new IdentityHashMap<>();

    /** Of the group that is computed. */
    private final Set<Held<Q>> ended = Collections.newSetFromMap(new IdentityHashMap<>());

    private boolean tainted;

    /**
     * @param most requests that a batch holds
     * @param members how many workers serve the queue, empty if this is unknown now
     */
    Batches(
            Stage<Q, R> stage,
            int most,
            StageSession<Q, R> session,
            Room room,
            Cores cores,
            Reporter reporter,
            StageMetrics metrics,
            LoopSettings settings,
            Ending ending,
            Supplier<OptionalInt> members,
            Watchdog watchdog) {
        this.stage = stage;
        this.most = most;
        this.session = session;
        this.room = room;
        this.cores = cores;
        this.reporter = reporter;
        this.metrics = metrics;
        this.settings = settings;
        this.ending = ending;
        this.members = members;
        this.watchdog = watchdog;
    }

    /** Whether an internal error occurred here; it may have left the process in a bad state. */
    boolean tainted() {
        return tainted || session.broken();
    }

    void compute(List<Held<Q>> missing) throws InterruptedException {
        var left = new ArrayList<>(missing);
        while (!left.isEmpty()) {
            var group = nextGroup(left);
            left.removeAll(group);
            try (var ids =
                    LogIds.of(
                            group.stream().map(Held::work).toList(),
                            group.stream().map(Held::delivery).toList())) {
                ended.clear();
                computeGroup(group);
            } catch (RuntimeException | Error e) {
                failRest(group, e);
            }
        }
    }

    /** Whatever a stage throws ends no worker, and nothing that has an outcome already. */
    private void failRest(List<Held<Q>> group, Throwable e) throws InterruptedException {
        LOG.error("a fault outside of the stage's own work", e);
        var failed =
                new Failed(
                        FailureCode.INTERNAL_ERROR,
                        "stage %s failed around its work: %s".formatted(stage.name(), e),
                        Causes.text(e),
                        null,
                        false);
        for (var held : group) {
            if (!ended.contains(held)) {
                end(held, failed);
            }
        }
    }

    /** Of one load key, the loaded one first; what may have killed its worker comes last, alone. */
    private List<Held<Q>> nextGroup(List<Held<Q>> left) {
        var calm = left.stream().filter(h -> !h.suspicious()).toList();
        if (calm.isEmpty()) {
            return List.of(left.get(0));
        }
        LoadKey loaded = session.loaded();
        var key =
                calm.stream()
                        .map(h -> h.item().loadKey())
                        .filter(k -> k.equals(loaded))
                        .findFirst()
                        .orElse(calm.get(0).item().loadKey());
        return calm.stream().filter(h -> h.item().loadKey().equals(key)).limit(most).toList();
    }

    private void computeGroup(List<Held<Q>> group) throws InterruptedException {
        var backoff = new Backoff(settings.longestPause(), settings.giveUp());
        var open = withNeeds(group);
        if (open.isEmpty()) {
            return;
        }
        while (true) {
            var memory = false;
            StageException outside = null;
            var again = new ArrayList<Held<Q>>();
            var bodies = onDevice(open, false);
            for (int i = 0; i < open.size(); i++) {
                if (ended.contains(open.get(i))) {
                    continue;
                }
                if (bodies.get(i) instanceof Failed f && memory(f.code())) {
                    memory = true;
                    again.add(open.get(i));
                } else if (bodies.get(i) instanceof Failed f && passing(f.code())) {
                    outside = new StageException(f.code(), f.message());
                    again.add(open.get(i));
                } else {
                    end(open.get(i), bodies.get(i));
                }
            }
            if (again.isEmpty()) {
                return;
            }
            if (memory) {
                alone(again);
                return;
            }
            if (outside == null || !pause(outside, backoff)) {
                for (var held : again) {
                    end(held, outside == null ? new Returned("not finished") : returned(outside));
                }
                return;
            }
            open = again;
        }
    }

    /** Those of which the stage can say what they need; the others fail by themselves. */
    private List<Held<Q>> withNeeds(List<Held<Q>> group) throws InterruptedException {
        var known = new ArrayList<Held<Q>>();
        needs.clear();
        for (var held : group) {
            try {
                needs.put(held, stage.needs(held.item().loadKey(), held.item().request().config()));
                known.add(held);
            } catch (StageException e) {
                var why = String.valueOf(e.getMessage());
                end(held, new Failed(e.code(), why, null, null, false));
            } catch (RuntimeException | Error e) {
                LOG.error("{}: the stage cannot say what it needs", held.work(), e);
                var why = "stage %s cannot say what the work needs: %s".formatted(stage.name(), e);
                end(held, new Failed(FailureCode.INTERNAL_ERROR, why, Causes.text(e), null, false));
            }
        }
        return known;
    }

    /** What all of them need: they are computed together. */
    private Needs most(List<Held<Q>> group) {
        double device = 0;
        double host = 0;
        for (var held : group) {
            var one = needs.getOrDefault(held, NOTHING);
            device = Math.max(device, one.deviceGib());
            host = Math.max(host, one.hostGib());
        }
        return new Needs(device, host);
    }

    /** What did not fit gets the device to itself, one by one. */
    private void alone(List<Held<Q>> items) throws InterruptedException {
        LOG.warn("not enough memory: trying again with exclusive use of the device");
        session.unload();
        room.close();
        for (var item : items) {
            var body = onDevice(List.of(item), true).get(0);
            end(
                    item,
                    body instanceof Failed f && passing(f.code()) && !memory(f.code())
                            ? new Returned(f.code() + ": " + f.message())
                            : body);
        }
        session.unload();
        room.close();
    }

    /** Outcomes, or Returned for all where the device cannot be had. */
    private List<Body> onDevice(List<Held<Q>> group, boolean alone) throws InterruptedException {
        try {
            var wanted = most(group);
            if (!reserve(alone ? room.everything(wanted) : wanted, alone)) {
                return all(group, new Returned("the device was not available in time"));
            }
        } catch (StageException e) {
            return all(
                    group, new Failed(e.code(), String.valueOf(e.getMessage()), null, null, false));
        }
        metrics.state(WorkerState.WAITING);
        List<Body> bodies;
        boolean stalled = false;
        try (var turn = cores.ask()) {
            if (!turn.await(ending::timeIsUp)) {
                return all(group, new Returned("the worker ends"));
            }
            metrics.state(WorkerState.WORKING);
            var works = group.stream().map(Held::work).toList();
            reporter.started(works);
            var before = session.loads();
            var reload = session.loaded() != null;
            watchdog.begin();
            try {
                bodies =
                        session.compute(
                                group.stream().map(Held::item).toList(),
                                cores.count(),
                                alone,
                                new BatchProgress(
                                        works,
                                        reporter,
                                        metrics,
                                        ending,
                                        watchdog,
                                        (item, body) -> early(group.get(item), body)));
            } finally {
                stalled = watchdog.end();
            }
            if (session.loads() > before && reload) {
                metrics.reloaded();
            }
            metrics.peak(peak());
        }
        return stalled ? stalled(group, bodies, alone) : bodies;
    }

    /** What was cancelled for want of progress: of several, each is tried by itself. */
    private List<Body> stalled(List<Held<Q>> group, List<Body> bodies, boolean alone)
            throws InterruptedException {
        var ended = new ArrayList<Body>(bodies);
        for (int i = 0; i < ended.size(); i++) {
            if (ended.get(i) instanceof Returned) {
                ended.set(
                        i,
                        group.size() > 1
                                ? onDevice(List.of(group.get(i)), alone).get(0)
                                : new Failed(
                                        FailureCode.INTERNAL_ERROR,
                                        "it made no progress for %d s and was cancelled"
                                                .formatted(settings.patience(stage).toSeconds()),
                                        null,
                                        null,
                                        alone));
            }
        }
        return ended;
    }

    /** The stage's own measure, or on the CPU that of the process. */
    private long peak() {
        var bytes = stage.peakDeviceBytes();
        return bytes > 0 || cores.reserved() == 0 ? bytes : ProcessMemory.peakBytes();
    }

    /**
     * Waits for the room, keeping the records. After {@code leaseWait} they are returned only if
     * another worker could take them; the place in the line is kept in both cases.
     */
    private boolean reserve(Needs needs, boolean alone) throws InterruptedException {
        if (room.fits(needs)) {
            return true;
        }
        if (room.held()) {
            // Another load key that needs more: what is loaded makes room first.
            session.unload();
            room.close();
        }
        room.ask(needs);
        metrics.state(WorkerState.WAITING);
        var limit = alone ? settings.giveUp() : settings.leaseWait();
        while (!room.await(limit, ending::asked)) {
            if (ending.asked() || alone || members.get().orElse(1) > 1) {
                return false;
            }
            LOG.info("still waiting for {}; no other worker serves this queue", needs);
        }
        return true;
    }

    /** Reports what succeeded while others go on; whatever hinders that, it is done at the end. */
    private void early(Held<Q> held, Body body) {
        if (!(body instanceof Succeeded)) {
            return;
        }
        try {
            end(held, body);
        } catch (InterruptedException e) {
            ended.remove(held);
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            LOG.warn("{} is reported with its batch, for now it could not be", held.work(), e);
            ended.remove(held);
        }
    }

    private void end(Held<Q> held, Body body) throws InterruptedException {
        ended.add(held);
        if (body instanceof Failed f
                && f.code().category() == FailureCategory.INTERNAL
                && f.code() != FailureCode.INPUT_LOST) {
            tainted = true;
        }
        try (var ids = LogIds.of(held.work(), held.delivery())) {
            reporter.ended(held.delivery(), held.work(), body, took(body));
        }
    }

    private static Duration took(Body body) {
        if (body instanceof Succeeded s) {
            return s.computation().reused()
                    ? Duration.ZERO
                    : Duration.ofMillis(s.computation().runMillis());
        }
        return Duration.ofMillis(
                body instanceof Failed f
                        ? f.runMillis()
                        : body instanceof Returned r ? r.runMillis() : 0);
    }

    /**
     * Waits out a failure that is not the item's.
     *
     * @return false if the limit is reached or the worker ends
     */
    boolean pause(StageException e, Backoff backoff) throws InterruptedException {
        var before = metrics.state();
        metrics.state(WorkerState.PAUSED);
        LOG.warn("paused, {}: {}; trying again in {} ms", e.code(), e.getMessage(), backoff.next());
        var on = backoff.pause(ending::asked);
        metrics.state(before);
        return on;
    }

    Returned returned(StageException e) {
        return new Returned(e.code() + ": " + e.getMessage());
    }

    private static boolean memory(FailureCode code) {
        return code == FailureCode.OUT_OF_DEVICE_MEMORY || code == FailureCode.OUT_OF_MEMORY;
    }

    private static boolean passing(FailureCode code) {
        return code.category() == FailureCategory.EXTERNAL
                || code.category() == FailureCategory.RESOURCES;
    }

    private List<Body> all(List<Held<Q>> group, Body body) {
        return group.stream().<Body>map(h -> body).toList();
    }
}
