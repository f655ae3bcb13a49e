package dev.reelrank.flow.process;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.Quarantine;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.process.HealthServer;
import dev.reelrank.bus.process.HealthServer.Page;
import dev.reelrank.bus.process.Heartbeat;
import dev.reelrank.bus.process.ProcessMetrics;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.json.JsonIntake;
import dev.reelrank.flow.json.JsonSources;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.flow.topology.FlowMetrics;
import dev.reelrank.flow.topology.FlowTopology;
import dev.reelrank.flow.topology.NewerSchemaException;
import dev.reelrank.flow.topology.Placement;
import dev.reelrank.flow.topology.QueueHeads;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Producer;
import io.micrometer.core.instrument.binder.kafka.KafkaStreamsMetrics;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.CloseOptions.GroupMembershipOperation;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KafkaStreams.State;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running flow. Several processes share the load; each may be killed at any instant.
 *
 * <p>A fault that comes and goes replaces a thread; five of them within a minute end the process,
 * so that its supervisor sees it. A record that is newer than this build pauses processing: the
 * process stays, reports this at {@code /health}, and drops nothing.
 */
public final class FlowProcess implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FlowProcess.class);
    private static final Duration CLOSE = Duration.ofSeconds(15);

    private static final int FAULTS_A_MINUTE = 5;
    private static final long MINUTE_NANOS = Duration.ofMinutes(1).toNanos();

    private final KafkaStreams streams;
    private final QueueWatch watch;
    private final KafkaStreamsMetrics streamsMetrics;
    private final ProcessMetrics metrics;
    private final StateFolder state;
    private final @Nullable HealthServer server;
    private final @Nullable Heartbeat heartbeat;
    private @Nullable JsonIntake intake;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final AtomicInteger exitCode = new AtomicInteger(ExitCode.OK);
    private final AtomicReference<@Nullable String> paused = new AtomicReference<>();
    private final Quarantine quarantine;
    private final Deque<Long> faults = new ArrayDeque<>();

    /**
     * How the process is set up.
     *
     * @param threads of Streams
     * @param commit how often a transaction ends
     * @param partitions of keyed topics that do not exist yet
     * @param keepReports how long submissions and workers' reports stay on their topics after they
     *     were taken in
     * @param heartbeat a file that is touched every second, null for none
     * @param path what a sample asks of its stages, those of the connection
     * @param json what JSON submissions need; null to take none
     * @param metrics where {@code /health} and {@code /metrics} answer, null for nowhere
     */
    public record Options(
            Connection connection,
            Path stateDir,
            int threads,
            Duration commit,
            int partitions,
            Duration lookAtQueues,
            Duration trimQueues,
            Duration keepReports,
            @Nullable InetSocketAddress metrics,
            @Nullable Path heartbeat,
            FlowSettings settings,
            SamplePath path,
            @Nullable JsonSources json) {}

    /**
     * Starts to process. Topics that are missing are created.
     *
     * @throws StageException BROKER_UNAVAILABLE, TOPIC_MISCONFIGURED, INVALID_CONFIG
     */
    public static FlowProcess start(Options options) {
        var heartbeat =
                options.heartbeat() == null ? null : Heartbeat.start(options.heartbeat(), () -> {});
        try {
            return start(options, heartbeat);
        } catch (RuntimeException e) {
            if (heartbeat != null) {
                heartbeat.close();
            }
            throw e;
        }
    }

    private static FlowProcess start(Options options, @Nullable Heartbeat heartbeat) {
        options.connection().check(Duration.ofSeconds(30));
        new TopicSetup(options.connection()).ensure(options.partitions());
        var flow = new FlowProcess(options, heartbeat);
        flow.streams.start();
        flow.watch.start(options.lookAtQueues(), options.trimQueues());
        if (options.json() != null) {
            flow.intake =
                    JsonIntake.start(
                            options.connection(),
                            new EventCodec(options.connection().stages()),
                            options.json(),
                            flow.state.instance(),
                            flow.metrics.registry());
        }
        LOG.info(
                "flow {} processes {} with {} thread(s)",
                flow.state.instance(),
                options.connection().bootstrap(),
                options.threads());
        return flow;
    }

    private static Placement placement(Connection connection) {
        var partitions = new HashMap<String, Integer>();
        new TopicSetup(connection)
                .states()
                .forEach((topic, state) -> partitions.put(topic, state.partitions()));
        return new Placement(partitions);
    }

    private FlowProcess(Options options, @Nullable Heartbeat heartbeat) {
        this.heartbeat = heartbeat;
        this.quarantine = new Quarantine(options.settings().quarantineAfter());
        var connection = options.connection();
        state = StateFolder.take(options.stateDir());
        metrics = new ProcessMetrics(FlowProcess.class.getPackage().getImplementationVersion());
        var registry = metrics.registry();
        var heads = new QueueHeads();
        var self = producer(state.instance());
        var topology =
                new FlowTopology(
                        options.settings(),
                        options.path(),
                        connection.topics(),
                        new EventCodec(connection.stages()),
                        heads,
                        new FlowMetrics(registry, connection.topics()),
                        self,
                        placement(connection),
                        quarantine);
        streams =
                new KafkaStreams(
                        topology.build(),
                        StreamsSettings.of(
                                connection, state, options.threads(), options.commit().toMillis()));
        streams.setUncaughtExceptionHandler(this::onFault);
        streams.setStateListener((now, before) -> onState(now));
        streamsMetrics = new KafkaStreamsMetrics(streams);
        streamsMetrics.bindTo(registry);
        watch = new QueueWatch(connection, heads, registry, options.keepReports());
        server =
                options.metrics() == null
                        ? null
                        : HealthServer.start(
                                options.metrics(),
                                Map.of(
                                        "/health",
                                        () ->
                                                FlowHealth.ready(
                                                        streams.state(),
                                                        paused.get(),
                                                        watch.silence()),
                                        "/live",
                                        () -> FlowHealth.live(streams.state()),
                                        "/metrics",
                                        () -> Page.metrics(registry.scrape())));
        if (server != null) {
            LOG.info("health and metrics at port {}", server.port());
        }
    }

    /**
     * Waits until it can no longer go on, or is closed.
     *
     * @return an {@link ExitCode}
     */
    public int awaitEnd() throws InterruptedException {
        ended.await();
        return exitCode.get();
    }

    /** Whether it processes now. */
    public boolean running() {
        return streams.state() == State.RUNNING && paused.get() == null;
    }

    /**
     * Where {@code /health} and {@code /metrics} answer.
     *
     * @throws IllegalStateException if they were not asked for
     */
    public int port() {
        if (server == null) {
            throw new IllegalStateException("no port for health and metrics is configured");
        }
        return server.port();
    }

    /** Commits what is done, leaves the group so that others take over at once, and ends. */
    @Override
    public void close() {
        ended.countDown();
        if (server != null) {
            server.close();
        }
        if (intake != null) {
            intake.close();
        }
        var leave =
                CloseOptions.groupMembershipOperation(GroupMembershipOperation.LEAVE_GROUP)
                        .withTimeout(CLOSE);
        if (!streams.close(leave)) {
            LOG.warn(
                    "Kafka Streams did not end within {} s; its transaction is aborted",
                    CLOSE.toSeconds());
        }
        if (heartbeat != null) {
            heartbeat.close();
        }
        watch.close();
        streamsMetrics.close();
        metrics.close();
        state.close();
    }

    private void onState(State now) {
        LOG.info("flow is {}", now);
        if (now == State.ERROR) {
            exitCode.compareAndSet(ExitCode.OK, ExitCode.INTERNAL);
            ended.countDown();
        }
    }

    private StreamThreadExceptionResponse onFault(Throwable fault) {
        var newer = newer(fault);
        if (newer != null) {
            paused.set(newer);
            streams.pause();
            var left = quarantine.left();
            LOG.error(
                    "processing is paused for {} s, then what cannot be read becomes a dead letter: {}",
                    left.toSeconds(),
                    newer);
            watch.after(left, this::goOn);
            return StreamThreadExceptionResponse.REPLACE_THREAD;
        }
        if (tooMany()) {
            LOG.error("{} faults within a minute: flow stops", FAULTS_A_MINUTE, fault);
            exitCode.set(ExitCode.INTERNAL);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        }
        LOG.warn("replacing a thread after a fault", fault);
        return StreamThreadExceptionResponse.REPLACE_THREAD;
    }

    private void goOn() {
        paused.set(null);
        streams.resume();
        LOG.info("processing goes on");
    }

    private synchronized boolean tooMany() {
        long now = System.nanoTime();
        faults.addLast(now);
        while (now - faults.getFirst() > MINUTE_NANOS) {
            faults.removeFirst();
        }
        return faults.size() >= FAULTS_A_MINUTE;
    }

    /** What is newer than this build, null if the fault is another one. */
    private static @Nullable String newer(Throwable fault) {
        for (var e = fault; e != null; e = e.getCause()) {
            if (e instanceof NewerSchemaException
                    || (e instanceof StageException s && s.code() == FailureCode.UNKNOWN_SCHEMA)) {
                return String.valueOf(e.getMessage());
            }
        }
        return null;
    }

    private static Producer producer(String instance) {
        var process = ProcessHandle.current();
        var started = process.info().startInstant().map(Instant::toString).orElse("");
        return new Producer(
                "flow-" + instance, process.pid() + "@" + started, instance, "cpu", "cpu");
    }
}
