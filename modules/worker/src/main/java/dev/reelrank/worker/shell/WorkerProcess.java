package dev.reelrank.worker.shell;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.process.HealthServer;
import dev.reelrank.bus.process.HealthServer.Page;
import dev.reelrank.bus.process.Heartbeat;
import dev.reelrank.bus.process.ProcessMetrics;
import dev.reelrank.bus.process.TemporaryFiles;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.Producers;
import dev.reelrank.worker.health.WorkerHealth;
import dev.reelrank.worker.health.WorkerState;
import dev.reelrank.worker.lease.DeviceLease;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.store.InputRoots;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One worker process, from its start-up checks to its end. */
final class WorkerProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerProcess.class);
    private static final Duration BROKER_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STORE_PAUSE = Duration.ofSeconds(2);
    private static final Duration ORPHAN_DRAIN = Duration.ofSeconds(5);
    private static final Duration AFTER_DRAIN = Duration.ofSeconds(10);

    /** The broker has most likely gone with the parent: there is no process to report to. */
    private static final Duration ORPHAN_AFTER_DRAIN = Duration.ofSeconds(1);

    private final Function<String, Tracing> tracings;
    private final String kind;
    private final WorkerOptions options;
    private final Ending ending;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private volatile Duration afterDrain = AFTER_DRAIN;
    private final List<AutoCloseable> open = new ArrayList<>();

    WorkerProcess(String kind, WorkerOptions options, Ending ending) {
        this(kind, options, ending, service -> Tracing.of(service, System.getenv()));
    }

    /**
     * @param tracings by the name of the service; closed with this
     */
    WorkerProcess(
            String kind, WorkerOptions options, Ending ending, Function<String, Tracing> tracings) {
        this.tracings = tracings;
        this.kind = kind;
        this.options = options;
        this.ending = ending;
    }

    /** SIGTERM, and where asked the end of the parent, end the worker in order. */
    void onSignals() {
        Runtime.getRuntime()
                .addShutdownHook(
                        new Thread(
                                () -> {
                                    ending.ask();
                                    awaitStop();
                                },
                                "ending"));
        if (options.endWithParent()) {
            var watch = new Thread(this::watchParent, "parent");
            watch.setDaemon(true);
            watch.start();
        }
    }

    private void awaitStop() {
        try {
            var millis = ending.left().plus(afterDrain).toMillis();
            if (!stopped.await(millis, TimeUnit.MILLISECONDS)) {
                LOG.error("the current work does not end; its records go to another worker");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void watchParent() {
        try {
            while (System.in.read() >= 0) {
                // Whatever is said, only the end counts.
            }
        } catch (IOException e) {
            LOG.warn("reading standard input failed, treated as its end: {}", e.toString());
        }
        LOG.info("standard input is closed: the parent process has ended, stopping");
        afterDrain = ORPHAN_AFTER_DRAIN;
        ending.ask(ORPHAN_DRAIN);
        System.exit(ExitCode.OK);
    }

    int run(Stages table, Function<WorkerSetup, List<Stage<?, ?>>> stages)
            throws InterruptedException {
        // From the first moment: a process that stops while it starts must be seen as well.
        var loops = new CopyOnWriteArrayList<AssembledLoop>();
        open.add(Heartbeat.start(options.heartbeat(), () -> loops.forEach(AssembledLoop::beat)));
        TemporaryFiles.check();
        var device = options.device();
        var opened = new AtomicReference<@Nullable ResultStore>();
        var setup =
                new WorkerSetup(
                        options.models(),
                        FileFingerprints.ofUser(),
                        device,
                        () ->
                                Objects.requireNonNull(
                                        opened.get(), "the store is asked before it is open"));
        var tracing = tracings.apply("reelrank-" + kind);
        var connection = options.connection(BROKER_PATIENCE).withStages(table);
        var storeUri = options.store();
        var inputs = InputRoots.of(options.inputRoots());
        var name = options.name(kind);
        var producer = Producers.ofThisProcess(name, device);
        var lease = DeviceLease.open(options.leaseDir(), device, options.cores());
        var served = stages.apply(setup);
        for (var one : served) {
            open.add(one);
            check(one, table.of(one.name()).defaults(), lease);
        }
        var store = patiently(() -> Stores.existing(storeUri, inputs));
        opened.set(store);
        open.add(store);
        connection.check(BROKER_PATIENCE);
        // Flow creates them: a worker does not know how many partitions they should have.
        var topics = new TopicSetup(connection);
        patiently(
                () -> {
                    topics.requireThere();
                    return connection;
                });
        topics.check();
        open.add(tracing);
        var publisher = new EventPublisher(connection, new EventCodec(table));
        open.add(publisher);
        var metrics =
                new ProcessMetrics(
                        WorkerProcess.class.getPackage().getImplementationVersion(),
                        "worker",
                        name);
        open.add(metrics);
        var registry = metrics.registry();
        var assembly =
                new LoopAssembly(
                        connection,
                        publisher,
                        tracing,
                        store,
                        setup.models(),
                        producer,
                        device,
                        lease,
                        options.loop(),
                        ending,
                        registry);
        for (var one : served) {
            var loop = assembly.assemble(one);
            open.add(loop);
            loops.add(loop);
        }
        var pulse = new StorePulse(store, StorePulse.EVERY);
        open.add(pulse);
        var server =
                HealthServer.start(
                        new InetSocketAddress(options.metricsHost(), options.metricsPort()),
                        Map.of(
                                "/health",
                                        () ->
                                                WorkerHealth.ready(
                                                        states(loops),
                                                        Map.of(
                                                                "cluster",
                                                                silence(loops),
                                                                "store",
                                                                pulse.silence())),
                                "/live", () -> WorkerHealth.live(stalled(loops)),
                                "/metrics", () -> Page.metrics(registry.scrape())));
        open.add(server);
        LOG.info(
                "worker {} ready on {}, process {}, metrics on http://{}:{}/metrics",
                name,
                device,
                producer.processId(),
                options.metricsHost(),
                server.port());
        return serve(loops);
    }

    private int serve(List<AssembledLoop> loops) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (var loop : loops) {
            var thread =
                    new Thread(
                            () -> {
                                try {
                                    loop.run();
                                } finally {
                                    // One stage that ends ends the process: nothing half works.
                                    ending.ask();
                                }
                            },
                            loop.name());
            thread.start();
            threads.add(thread);
        }
        for (var thread : threads) {
            thread.join();
        }
        return loops.stream().mapToInt(AssembledLoop::exitCode).max().orElse(ExitCode.OK);
    }

    /** Before any work is taken: the model files are there, and the device can hold them. */
    private static void check(Stage<?, ?> stage, StageConfig defaults, DeviceLease lease) {
        var key = stage.loadKey(defaults);
        var fingerprint = stage.fingerprint(key);
        var needs = stage.needs(key, defaults);
        LOG.info(
                "stage {} version {}: {} has fingerprint {}, needs {} GiB of the device and {} GiB of the host",
                stage.name().id(),
                stage.version(),
                key,
                fingerprint.sha256(),
                "%.2f".formatted(needs.deviceGib()),
                "%.2f".formatted(needs.hostGib()));
        refuse(stage.name(), "device", lease.deviceGib(needs), lease.memory().total());
        refuse(stage.name(), "host", lease.hostGib(needs), lease.host().total());
    }

    private static void refuse(StageName stage, String where, double gib, double total) {
        if (gib > total) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "stage %s needs %.1f GiB, but the %s has only %.1f GiB: use another device, a lower precision or offloading"
                            .formatted(stage.id(), gib, where, total));
        }
    }

    /** The store and flow's topics may come later than the worker. */
    private <T> T patiently(Supplier<T> opening) throws InterruptedException {
        var backoff = new Backoff(STORE_PAUSE, options.loop().giveUp());
        while (true) {
            try {
                return opening.get();
            } catch (StageException e) {
                if (e.code().category() != FailureCategory.EXTERNAL
                        && e.code() != FailureCode.TOPIC_MISCONFIGURED) {
                    throw e;
                }
                LOG.warn("{}; trying again in {} ms", e.getMessage(), backoff.next());
                if (!backoff.pause(ending::asked)) {
                    throw e;
                }
            }
        }
    }

    private static Duration silence(List<AssembledLoop> loops) {
        return loops.stream()
                .map(AssembledLoop::silence)
                .max(Duration::compareTo)
                .orElse(Duration.ZERO);
    }

    private static Map<String, Boolean> stalled(List<AssembledLoop> loops) {
        var stalled = new LinkedHashMap<String, Boolean>();
        loops.forEach(l -> stalled.put(l.name(), l.stalled()));
        return stalled;
    }

    private static Map<String, WorkerState> states(List<AssembledLoop> loops) {
        var states = new LinkedHashMap<String, WorkerState>();
        loops.forEach(l -> states.put(l.name(), l.state()));
        return states;
    }

    /** Closes what was opened, the last first. */
    @Override
    public void close() {
        for (int i = open.size() - 1; i >= 0; i--) {
            try {
                open.get(i).close();
            } catch (Exception e) {
                LOG.warn("closing failed: {}", e.toString());
            }
        }
        stopped.countDown();
    }
}
