package dev.reelrank.worker.health;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What one stage of a worker counts and measures. Names are documented in docs/operations.md.
 *
 * <p>Safe for use by several threads.
 */
public final class StageMetrics {
    /** From a cached ranking to a full-size video. */
    private static final Duration[] BUCKETS =
            Stream.of(0.1, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0)
                    .map(seconds -> Duration.ofMillis(Math.round(seconds * 1000)))
                    .toArray(Duration[]::new);

    private final MeterRegistry registry;
    private final String stage;
    private final String device;
    private final AtomicReference<WorkerState> state = new AtomicReference<>(WorkerState.STARTING);
    private final AtomicReference<@Nullable Long> inFlightSince = new AtomicReference<>();
    private final AtomicLong reservedBytes = new AtomicLong();
    private final AtomicLong peakBytes = new AtomicLong();
    private final Map<String, AtomicReference<Double>> figures = new ConcurrentHashMap<>();

    /**
     * Registers them all.
     *
     * @param device the kind that the stage computes on: the chip's name, or {@code cpu}
     */
    public StageMetrics(MeterRegistry registry, StageName stage, String device) {
        this.registry = registry;
        this.stage = stage.id();
        this.device = device;
        gauge("reelrank.ready", "1 while work makes progress, else 0", this::readyNumber);
        gauge(
                "reelrank.inflight.oldest.seconds",
                "age of the oldest work item in progress; 0 if there is none",
                this::oldestSeconds);
        gauge(
                "reelrank.device.reserved.bytes",
                "device memory that this stage has reserved",
                reservedBytes::get);
        gauge(
                "reelrank.device.peak.bytes",
                "peak device memory since the last load",
                peakBytes::get);
        // A counter that appears with its first event would show no increase for it.
        loads();
        items();
        reloads();
        yields();
        notWork();
        for (String outcome : new String[] {"success", "reused", "returned"}) {
            items(outcome, "");
            deviceSeconds(outcome);
        }
        deviceSeconds("draft");
        deviceSeconds("failed");
        deviceSeconds("loading");
        for (var code : FailureCode.values()) {
            items("failed", code.name());
        }
    }

    private void gauge(String name, String help, Supplier<Number> value) {
        Gauge.builder(name, value).description(help).tag("stage", stage).register(registry);
    }

    public void state(WorkerState now) {
        state.set(now);
    }

    public WorkerState state() {
        return Objects.requireNonNull(state.get());
    }

    /**
     * Sets the age of the oldest item in progress.
     *
     * @param age of the oldest item in progress now, null if there is none
     */
    public void inFlight(@Nullable Duration age) {
        inFlightSince.set(age == null ? null : System.nanoTime() - age.toNanos());
    }

    public void reserved(double gib) {
        reservedBytes.set(Math.round(gib * (1L << 30)));
    }

    public void peak(long bytes) {
        peakBytes.set(bytes);
    }

    /**
     * Figures of the step that was done last.
     *
     * @param latest by name, for example {@code loss}
     */
    public void figures(Map<String, Double> latest) {
        latest.forEach((name, value) -> figures.computeIfAbsent(name, this::figure).set(value));
    }

    private AtomicReference<Double> figure(String name) {
        var latest = new AtomicReference<>(Double.NaN);
        Gauge.builder("reelrank.figure", latest::get)
                .description("a figure of the step that was done last")
                .tag("stage", stage)
                .tag("figure", name)
                .register(registry);
        return latest;
    }

    /**
     * Models were loaded.
     *
     * @param model what of, as the stage's load key names it
     */
    public void loaded(String model, long millis) {
        loads().record(Duration.ofMillis(millis));
        deviceSeconds("loading").increment(millis / 1e3);
        Counter.builder("reelrank.model.loads")
                .description("loads by model")
                .tag("stage", stage)
                .tag("model", model)
                .register(registry)
                .increment();
    }

    private Timer loads() {
        return timer("reelrank.load", "loading models");
    }

    private Timer items() {
        return timer("reelrank.item", "computing time of one item");
    }

    private Timer timer(String name, String help) {
        return Timer.builder(name)
                .description(help)
                .serviceLevelObjectives(BUCKETS)
                .tag("stage", stage)
                .register(registry);
    }

    /** A loaded model made room for one of another load key. */
    public void reloaded() {
        reloads().increment();
    }

    private Counter reloads() {
        return counter("reelrank.reloads", "changes of the load key");
    }

    /** A model was unloaded because another worker needed the room. */
    public void yielded() {
        yields().increment();
    }

    private Counter yields() {
        return counter("reelrank.yields", "how often the device was given to another worker");
    }

    public void undecodable() {
        notWork().increment();
    }

    private Counter notWork() {
        return counter("reelrank.undecodable", "records that are not work items");
    }

    /** An item ended. */
    public void ended(Body body, Duration took) {
        var outcome = "success";
        var code = "";
        if (body instanceof Succeeded s) {
            outcome = s.computation().reused() ? "reused" : "success";
        } else if (body instanceof Failed f) {
            outcome = "failed";
            code = f.code().name();
        } else if (body instanceof Returned) {
            outcome = "returned";
        }
        items(outcome, code).increment();
        // Whether a draft is pruned is decided later, and elsewhere.
        deviceSeconds(draft(body) ? "draft" : outcome).increment(took.toMillis() / 1e3);
        if (outcome.equals("success")) {
            items().record(took);
        }
    }

    private static boolean draft(Body body) {
        return body instanceof Succeeded s && !s.computation().reused() && s.result().preliminary();
    }

    private Counter deviceSeconds(String outcome) {
        return Counter.builder("reelrank.device.seconds")
                .description("time that the device worked, by what came of it")
                .tag("stage", stage)
                .tag("device", device)
                .tag("outcome", outcome)
                .register(registry);
    }

    private Counter items(String outcome, String code) {
        return Counter.builder("reelrank.items")
                .description("work items by outcome; failures by code")
                .tag("stage", stage)
                .tag("outcome", outcome)
                .tag("code", code)
                .register(registry);
    }

    private Counter counter(String name, String help) {
        return Counter.builder(name).description(help).tag("stage", stage).register(registry);
    }

    private Number readyNumber() {
        return state().ready() ? 1 : 0;
    }

    private Number oldestSeconds() {
        var since = inFlightSince.get();
        return since == null ? 0 : Duration.ofNanos(System.nanoTime() - since).toMillis() / 1000.0;
    }
}
