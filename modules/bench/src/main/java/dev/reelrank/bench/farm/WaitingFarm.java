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
import dev.reelrank.bus.cluster.BrokerCluster;
import dev.reelrank.bus.cluster.NodeNetwork;
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
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One broker or a cluster, flow and waiting workers in a folder, each a process of its own that is
 * started again when it dies.
 *
 * <p>Every worker has a lease folder of its own, as if it stood on a host of its own.
 */
public final class WaitingFarm implements AutoCloseable {
    private static final String HEAP = "96m";
    private static final int RESTARTS = 3;

    private final Path folder;
    private final Map<String, JavaProcess> processes = new LinkedHashMap<>();
    private final Connection connection;
    private @Nullable EmbeddedBroker broker;
    private final @Nullable BrokerCluster cluster;
    private final EventPublisher publisher;
    private final QueueView queues;

    private WaitingFarm(
            Path folder,
            Connection connection,
            @Nullable EmbeddedBroker broker,
            @Nullable BrokerCluster cluster) {
        this.folder = folder;
        this.connection = connection;
        this.broker = broker;
        this.cluster = cluster;
        new TopicSetup(connection).ensure(TopicSetup.DEFAULT_PARTITIONS);
        this.publisher = new EventPublisher(connection, new EventCodec());
        this.queues = new QueueView(connection);
    }

    /** Starts one broker and makes the topics. */
    public static WaitingFarm start(Path folder) {
        makeFolders(folder);
        var broker = EmbeddedBroker.start(folder.resolve("broker"));
        return new WaitingFarm(folder, broker.connection(), broker, null);
    }

    /**
     * Starts a cluster and makes the topics.
     *
     * @param brokers how many
     */
    public static WaitingFarm start(Path folder, int brokers) throws InterruptedException {
        makeFolders(folder);
        var cluster =
                BrokerCluster.start(folder.resolve("brokers"), brokers, NodeNetwork.best(brokers));
        try {
            return new WaitingFarm(folder, cluster.connection(), null, cluster);
        } catch (RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    private static void makeFolders(Path folder) {
        try {
            Files.createDirectories(folder.resolve("logs"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Connection connection() {
        return connection;
    }

    /** Its cluster, empty if it has one broker alone. */
    public Optional<BrokerCluster> cluster() {
        return Optional.ofNullable(cluster);
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

    /** kill -9 of the only broker, and a new one on the same data and ports. */
    public void killAndRestartBroker() {
        Objects.requireNonNull(broker, "the farm has several brokers").kill();
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

    /** The process id of the only broker, empty if there are several. */
    public OptionalLong brokerPid() {
        return broker == null ? OptionalLong.empty() : OptionalLong.of(broker.pid());
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
        if (broker != null) {
            broker.close();
        }
        if (cluster != null) {
            cluster.close();
        }
    }
}
