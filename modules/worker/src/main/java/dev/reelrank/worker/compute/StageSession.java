package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.Fingerprint;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.LoadKey;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A stage with its store and what it has loaded. One thread calls it, as {@link Stage} asks.
 *
 * <p>The order: {@link #prepare} a request, {@link #look} whether its result is stored, {@link
 * #compute} what is not. Only computing loads a model.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 */
public final class StageSession<Q extends StageRequest, R extends StageResult>
        implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StageSession.class);

    private final Stage<Q, R> stage;
    private final ResultStore store;
    private final StoredReports stored;
    private final Device device;
    private final Producer producer;
    private final Clock clock;
    private final Function<LoadKey, Map<String, String>> limitsOf;
    private @Nullable LoadKey loaded;
    private @Nullable Fingerprint loadedFingerprint;
    private Map<String, String> limits = Map.of();
    private int loads;
    private long lastLoadMillis;
    private boolean broken;

    public StageSession(
            Stage<Q, R> stage,
            ResultStore store,
            ReportCodec codec,
            Device device,
            Producer producer,
            Clock clock) {
        this(stage, store, codec, device, producer, clock, key -> Map.of());
    }

    /**
     * @param limitsOf by model: what the models of a load key say they cannot do; recorded with
     *     every result
     */
    public StageSession(
            Stage<Q, R> stage,
            ResultStore store,
            ReportCodec codec,
            Device device,
            Producer producer,
            Clock clock,
            Function<LoadKey, Map<String, String>> limitsOf) {
        this.stage = stage;
        this.store = store;
        this.stored = new StoredReports(store, codec);
        this.device = device;
        this.producer = producer;
        this.clock = clock;
        this.limitsOf = limitsOf;
    }

    /**
     * Finds out which weights a request needs and under which key its result is stored.
     *
     * @throws StageException with a MODEL or CONFIG code if the request needs files that are not
     *     here
     */
    public Prepared<Q> prepare(WorkRef work, Q request) {
        var key = stage.loadKey(request.config());
        var fingerprint =
                key.equals(loaded) && loadedFingerprint != null
                        ? loadedFingerprint
                        : stage.fingerprint(key);
        var inputKey = InputKey.of(stage.version(), request, fingerprint.sha256(), key.precision());
        return new Prepared<>(work, request, key, fingerprint, inputKey);
    }

    /** The stored result, marked as reused, if it and its blobs are whole. */
    public Optional<Succeeded> look(Prepared<Q> item) {
        return stored.look(item.inputKey()).map(StageSession::reused);
    }

    private static Succeeded reused(Succeeded s) {
        var c = s.computation();
        return new Succeeded(
                new Computation(
                        c.inputKey(),
                        c.stageVersion(),
                        c.fingerprint(),
                        c.precision(),
                        c.deviceKind(),
                        true,
                        0,
                        0,
                        c.timings(),
                        c.limits()),
                s.result());
    }

    /**
     * Computes items that share one load key, loading it first if another or nothing is loaded, and
     * stores the successes.
     *
     * @param cores CPU cores that the batch may use, at least 1
     * @param alone nothing else was on the device, so a lack of memory is the items' own
     * @return one body an item, in order; never Started
     */
    public List<Body> compute(
            List<Prepared<Q>> items, int cores, boolean alone, BatchListener listener) {
        var key = items.get(0).loadKey();
        if (items.stream().anyMatch(i -> !i.loadKey().equals(key))) {
            throw new IllegalArgumentException(
                    "all items of a batch must have the same load key: " + items);
        }
        long loadMillis;
        try {
            loadMillis = load(key, items.get(0).fingerprint(), listener);
        } catch (StageException e) {
            unload();
            return all(items, body(Outcome.failed(e), null, alone));
        } catch (OutOfMemoryError e) {
            unload();
            return all(items, body(Unexpected.outOfMemory(e), null, alone));
        } catch (RuntimeException | Error e) {
            unload();
            return all(items, body(Unexpected.failed("load " + key, e), null, alone));
        }
        if (!items.get(0).fingerprint().equals(loadedFingerprint)) {
            return all(items, new Returned("the model files changed during loading"));
        }
        var early = new HashMap<Integer, Body>();
        var batch =
                new BatchRun<>(
                        stage,
                        store,
                        device,
                        cores,
                        listener,
                        () -> reload(items, listener),
                        (item, ended) -> {
                            var body = whole(items.get(item), ended, loadMillis, alone);
                            early.put(item, body);
                            listener.ended(item, body);
                        });
        var ended = batch.of(items.stream().map(Prepared::request).toList());
        var bodies = new ArrayList<Body>();
        for (int i = 0; i < items.size(); i++) {
            var known = early.get(i);
            bodies.add(
                    known == null ? whole(items.get(i), ended.get(i), loadMillis, alone) : known);
        }
        return bodies;
    }

    private void reload(List<Prepared<Q>> items, BatchListener listener) {
        unload();
        try {
            load(items.get(0).loadKey(), items.get(0).fingerprint(), listener);
        } catch (StageException e) {
            throw e;
        } catch (RuntimeException | Error e) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "could not load the models again: " + e, e);
        }
    }

    /** What becomes of one item touches no other one. */
    private Body whole(Prepared<Q> item, BatchRun.Ended<R> ended, long loadMillis, boolean alone) {
        try {
            return finish(item, ended.outcome(), loadMillis, ended.millis(), alone);
        } catch (RuntimeException | Error e) {
            return body(Unexpected.failed("keep the result", e), null, alone);
        }
    }

    private Body finish(
            Prepared<Q> item, Outcome<?> outcome, long loadMillis, long runMillis, boolean alone) {
        if (!(outcome instanceof Outcome.Success<?> success)) {
            return body(outcome, item.request(), alone, runMillis);
        }
        var fault = FiniteResult.fault((StageResult) success.result());
        if (fault != null) {
            return body(
                    new Outcome.Failed<>(
                            FailureCode.INTERNAL_ERROR,
                            "stage %s computed a number that is not finite: %s"
                                    .formatted(stage.name(), fault),
                            null,
                            null),
                    item.request(),
                    alone,
                    runMillis);
        }
        var computation =
                new Computation(
                        item.inputKey(),
                        stage.version(),
                        item.fingerprint().sha256(),
                        item.loadKey().precision(),
                        producer.deviceKind(),
                        false,
                        loadMillis,
                        runMillis,
                        success.timings(),
                        limits);
        var own = new Succeeded(computation, (StageResult) success.result());
        try {
            return stored.keep(
                    item.inputKey(), new WorkReport(item.work(), producer, clock.instant(), own));
        } catch (StageException e) {
            return body(Outcome.failed(e), item.request(), alone, runMillis);
        }
    }

    private Body body(Outcome<?> outcome, @Nullable StageRequest request, boolean alone) {
        return body(outcome, request, alone, 0);
    }

    private Body body(
            Outcome<?> outcome, @Nullable StageRequest request, boolean alone, long runMillis) {
        if (outcome instanceof Outcome.Returned<?> returned) {
            return new Returned(returned.reason(), runMillis);
        }
        var failed = (Outcome.Failed<?>) outcome;
        if (request != null) {
            try {
                failed = blamed(failed, request);
            } catch (StageException e) {
                failed = new Outcome.Failed<>(e.code(), String.valueOf(e.getMessage()), e, null);
            }
        }
        return new Failed(
                failed.code(),
                failed.message(),
                Causes.text(failed.cause()),
                failed.lostWorkId(),
                alone,
                runMillis);
    }

    /**
     * Says whose failure it is. What a stage reads may be the store's own file: when the store goes
     * away under it, that looks like a broken picture. So a sample is blamed for one only if its
     * inputs are still there, with their bytes.
     *
     * @throws StageException EXTERNAL if the store cannot be asked
     */
    private Outcome.Failed<?> blamed(Outcome.Failed<?> failed, StageRequest request) {
        boolean unreadable =
                failed.code() == FailureCode.UNREADABLE_IMAGE
                        || failed.code() == FailureCode.UNREADABLE_VIDEO;
        boolean lost = failed.code() == FailureCode.INPUT_LOST && failed.lostWorkId() == null;
        if (lost || (unreadable && !Inputs.whole(request, store))) {
            return new Outcome.Failed<>(
                    FailureCode.INPUT_LOST,
                    failed.message(),
                    failed.cause(),
                    Inputs.lostWork(request, store));
        }
        return failed;
    }

    private List<Body> all(List<Prepared<Q>> items, Body body) {
        return items.stream().map(i -> body).collect(Collectors.toList());
    }

    private long load(LoadKey key, Fingerprint expected, BatchListener listener) {
        if (key.equals(loaded)) {
            return 0;
        }
        if (loaded != null) {
            LOG.info("reload: {} replaces {}", loaded, key);
            unload();
        }
        var start = System.nanoTime();
        stage.load(key, device);
        var millis = (System.nanoTime() - start) / 1_000_000;
        loaded = key;
        limits = Map.copyOf(limitsOf.apply(key));
        loads++;
        lastLoadMillis = millis;
        // Files may have been exchanged between hashing and loading.
        loadedFingerprint = stage.fingerprint(key);
        LOG.info("loaded {} in {} ms, fingerprint {}", key, millis, expected.sha256());
        listener.loaded(key.label(), millis);
        return millis;
    }

    /** What is loaded, null if nothing. */
    public @Nullable LoadKey loaded() {
        return loaded;
    }

    /** How often a model was loaded. */
    public int loads() {
        return loads;
    }

    /** What the last load took, milliseconds; 0 before the first. */
    public long lastLoadMillis() {
        return lastLoadMillis;
    }

    /** Gives back all device memory; if that fails, the session is {@link #broken}. */
    public void unload() {
        try {
            stage.unload();
        } catch (RuntimeException | Error e) {
            // What it leaves behind goes with the process, which is to be replaced.
            LOG.error("stage {} could not be unloaded", stage.name(), e);
            broken = true;
        }
        loaded = null;
        loadedFingerprint = null;
    }

    /** Whether something of an unloaded model may be left: another process has to go on. */
    public boolean broken() {
        return broken;
    }

    @Override
    public void close() {
        stage.close();
    }
}
