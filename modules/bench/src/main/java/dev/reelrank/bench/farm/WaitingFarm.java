package dev.reelrank.bench.farm;

import dev.reelrank.bench.process.FlowMain;
import dev.reelrank.bench.process.JavaProcess;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.bench.waiting.WaitingWorker;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.QueueView;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Broker, flow and waiting workers in a folder, each a process of its own that is started again
 * when it dies.
 *
 * <p>Every worker has a lease folder of its own, as if it stood on a host of its own.
 */
public final class WaitingFarm implements AutoCloseable {
    private static final String HEAP = "96m";
    private static final int RESTARTS = 3;

    private final Path folder;
    private final Map<String, JavaProcess> processes = new LinkedHashMap<>();
    private EmbeddedBroker broker;
    private final EventPublisher publisher;
    private final QueueView queues;

    private WaitingFarm(Path folder, EmbeddedBroker broker) {
        this.folder = folder;
        this.broker = broker;
        new TopicSetup(broker.connection()).ensure(TopicSetup.DEFAULT_PARTITIONS);
        this.publisher = new EventPublisher(broker.connection(), new EventCodec());
        this.queues = new QueueView(broker.connection());
    }

    /** Starts the broker and makes the topics. */
    public static WaitingFarm start(Path folder) {
        try {
            Files.createDirectories(folder.resolve("logs"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new WaitingFarm(folder, EmbeddedBroker.start(folder.resolve("broker")));
    }

    public Connection connection() {
        return broker.connection();
    }

    public EventPublisher publisher() {
        return publisher;
    }

    public QueueView queues() {
        return queues;
    }

    public Path store() {
        return folder.resolve("store");
    }

    public Path folder() {
        return folder;
    }

    /** kill -9 of the broker, and a new one on the same data and ports. */
    public void killAndRestartBroker() {
        broker.kill();
        for (int attempt = 1; ; attempt++) {
            try {
                broker = EmbeddedBroker.start(folder.resolve("broker"));
                return;
            } catch (StageException e) {
                // On a machine that is busy with the farm itself a start may take too long.
                if (attempt == RESTARTS) {
                    throw e;
                }
            }
        }
    }

    /** Another flow process. */
    public JavaProcess flow(String name, String... more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--bootstrap",
                                connection().bootstrap(),
                                "--state-dir",
                                folder.resolve(name).toString(),
                                "--end-with-parent"));
        arguments.addAll(List.of(more));
        return add(
                JavaProcess.start(
                        name, "160m", FlowMain.class, arguments, log(name), null, Restart.AT_ONCE));
    }

    /** Another waiting worker. */
    public JavaProcess worker(
            String name, StageName stage, Pace pace, Restart restart, String... more) {
        var heartbeat = folder.resolve(name + ".heartbeat");
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--bootstrap",
                                connection().bootstrap(),
                                "--store",
                                store().toString(),
                                "--models",
                                folder.toString(),
                                "--lease-dir",
                                folder.resolve("leases-" + name).toString(),
                                "--name",
                                name,
                                "--heartbeat",
                                heartbeat.toString(),
                                "--drain-timeout",
                                "5s",
                                "--end-with-parent",
                                "--stage",
                                stage.id()));
        arguments.addAll(
                List.of(
                        "--load-seconds", Double.toString(pace.loadSeconds()),
                        "--item-seconds", Double.toString(pace.itemSeconds()),
                        "--spread", Double.toString(pace.spread()),
                        "--speed", Double.toString(pace.speed()),
                        "--slowness", Double.toString(pace.slowness())));
        arguments.addAll(List.of(more));
        return add(
                JavaProcess.start(
                        name, HEAP, WaitingWorker.class, arguments, log(name), heartbeat, restart));
    }

    private JavaProcess add(JavaProcess process) {
        processes.put(process.name(), process);
        return process;
    }

    private Path log(String name) {
        return folder.resolve("logs").resolve(name + ".log");
    }

    /** The broker's process id. */
    public OptionalLong brokerPid() {
        return OptionalLong.of(broker.pid());
    }

    /** Every process but the broker, by name. */
    public Map<String, JavaProcess> processes() {
        return Map.copyOf(processes);
    }

    /** Waits until this many workers serve a stage: they have joined and know where to read. */
    public void awaitMembers(StageName stage, int count, Duration within)
            throws InterruptedException {
        var until = System.nanoTime() + within.toNanos();
        while (queues.serving(stage) < count) {
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        "only %d of %d workers of %s have joined within %s; see %s"
                                .formatted(
                                        queues.serving(stage),
                                        count,
                                        stage.id(),
                                        within,
                                        folder.resolve("logs")));
            }
            Thread.sleep(100);
        }
    }

    @Override
    public void close() {
        JavaProcess.closeAll(processes.values());
        publisher.close();
        queues.close();
        broker.close();
    }
}
