package dev.reelrank.bus.cluster;

import dev.reelrank.bus.Connection;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConsumerGroupDescription;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.ShareGroupDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * Brokers of one cluster on this host, each broker and controller at once. With three, every topic
 * has three replicas and a write needs two of them. Brokers are numbered from 1.
 */
public final class BrokerCluster implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);

    private final NodeNetwork network;
    private final List<ClusterNode> nodes;

    private BrokerCluster(NodeNetwork network, List<ClusterNode> nodes) {
        this.network = network;
        this.nodes = nodes;
    }

    /**
     * Starts the brokers and waits until the cluster answers.
     *
     * @param folder without data; each broker gets a folder in it
     * @param network closed with the cluster
     * @throws StageException BROKER_UNAVAILABLE with the last words of the broker that did not
     *     start
     */
    public static BrokerCluster start(Path folder, int size, NodeNetwork network)
            throws InterruptedException {
        var cluster = new BrokerCluster(network, prepare(folder, size, network));
        try {
            cluster.nodes.forEach(ClusterNode::launch);
            for (ClusterNode node : cluster.nodes) {
                node.awaitPort();
            }
            cluster.connection().check(START);
            return cluster;
        } catch (RuntimeException | InterruptedException e) {
            cluster.close();
            throw e;
        }
    }

    private static List<ClusterNode> prepare(Path folder, int size, NodeNetwork network) {
        var ports = new ArrayList<int[]>();
        var voters = new ArrayList<String>();
        for (int id = 1; id <= size; id++) {
            int[] pair = {network.port(id), network.port(id)};
            ports.add(pair);
            voters.add("%d@%s:%d".formatted(id, network.host(id), pair[1]));
        }
        String clusterId = Uuid.randomUuid().toString();
        var nodes = new ArrayList<ClusterNode>();
        for (int id = 1; id <= size; id++) {
            Path own = folder.resolve("broker-" + id).toAbsolutePath();
            Path data = own.resolve("kafka");
            int[] pair = ports.get(id - 1);
            var settings =
                    NodeSettings.of(
                            id,
                            network.host(id),
                            pair[0],
                            pair[1],
                            String.join(",", voters),
                            size,
                            data);
            try {
                Files.createDirectories(own);
                try (var out = Files.newOutputStream(own.resolve("server.properties"))) {
                    settings.store(out, null);
                }
                format(id, clusterId, data);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot prepare broker " + id, e);
            }
            nodes.add(new ClusterNode(id, own, network.host(id), pair[0], network.prefix(id)));
        }
        return List.copyOf(nodes);
    }

    private static void format(int id, String clusterId, Path data) throws IOException {
        var quiet = new PrintStream(PrintStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        try {
            new Formatter()
                    .setNodeId(id)
                    .setClusterId(clusterId)
                    .setControllerListenerName("CONTROLLER")
                    .setMetadataLogDirectory(data.toString())
                    .addDirectory(data.toString())
                    .setPrintStream(quiet)
                    .run();
        } catch (IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("cannot format " + data, e);
        }
    }

    /** How to reach it: the addresses of all brokers. */
    public Connection connection() {
        return Connection.to(
                nodes.stream().map(ClusterNode::address).collect(Collectors.joining(",")));
    }

    /** The number of brokers. */
    public int size() {
        return nodes.size();
    }

    /** Whether a broker can be cut off from the network. */
    public boolean canCut() {
        return network.canCut();
    }

    /** kill -9. */
    public void kill(int node) throws InterruptedException {
        node(node).kill();
    }

    /** Ends a broker as an upgrade does: it hands its partitions over first. */
    public void stop(int node) throws InterruptedException {
        node(node).askToEnd();
        node(node).awaitEnd();
    }

    /** Starts a broker again on its data and waits until it answers. */
    public void start(int node) throws InterruptedException {
        node(node).launch();
        node(node).awaitPort();
    }

    /** SIGSTOP: it keeps its connections and says nothing. */
    public void freeze(int node) throws InterruptedException {
        node(node).signal("STOP");
    }

    /** SIGCONT. */
    public void thaw(int node) throws InterruptedException {
        node(node).signal("CONT");
    }

    /**
     * Cuts a broker off from the others and from all clients.
     *
     * @throws UnsupportedOperationException unless {@link #canCut}
     */
    public void cutOff(int node) {
        network.cutOff(node);
    }

    /** Ends {@link #cutOff}. */
    public void rejoin(int node) {
        network.rejoin(node);
    }

    private ClusterNode node(int node) {
        return nodes.get(node - 1);
    }

    /** The active controller, empty while there is none. */
    public OptionalInt controller() throws InterruptedException {
        try (Admin admin = connection().admin()) {
            int leader = admin.describeMetadataQuorum().quorumInfo().get().leaderId();
            return leader < 1 ? OptionalInt.empty() : OptionalInt.of(leader);
        } catch (ExecutionException e) {
            throw unavailable("its controller", e);
        }
    }

    /**
     * The coordinator of a consumer group.
     *
     * @return empty if there is no such group
     */
    public OptionalInt coordinator(String group) throws InterruptedException {
        return coordinator(
                group,
                admin ->
                        Objects.requireNonNull(
                                        admin.describeConsumerGroups(List.of(group))
                                                .describedGroups()
                                                .get(group))
                                .thenApply(ConsumerGroupDescription::coordinator));
    }

    /** The coordinator of a share group, which also leads what is known of the queue's locks. */
    public OptionalInt shareCoordinator(String group) throws InterruptedException {
        return coordinator(
                group,
                admin ->
                        Objects.requireNonNull(
                                        admin.describeShareGroups(List.of(group))
                                                .describedGroups()
                                                .get(group))
                                .thenApply(ShareGroupDescription::coordinator));
    }

    private OptionalInt coordinator(String group, Function<Admin, KafkaFuture<Node>> ask)
            throws InterruptedException {
        try (Admin admin = connection().admin()) {
            Node found = ask.apply(admin).get();
            return found == null || found.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of(found.id());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return OptionalInt.empty();
            }
            throw unavailable("the coordinator of " + group, e);
        }
    }

    /**
     * Waits until every replica of every partition has everything: before that, the next broker
     * must not end.
     *
     * @throws StageException BROKER_UNAVAILABLE if that takes longer
     */
    public void awaitInSync(Duration within) throws InterruptedException {
        var limit = Deadline.in(within);
        List<String> behind = List.of("not asked yet");
        while (!behind.isEmpty()) {
            if (limit.passed()) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "after %d s these partitions lack a replica: %s"
                                .formatted(within.toSeconds(), behind));
            }
            Thread.sleep(200);
            behind = behind();
        }
    }

    private List<String> behind() throws InterruptedException {
        try (Admin admin = connection().admin()) {
            var names = admin.listTopics(new ListTopicsOptions().listInternal(true)).names().get();
            var behind = new ArrayList<String>();
            admin.describeTopics(names)
                    .allTopicNames()
                    .get()
                    .forEach(
                            (name, topic) ->
                                    topic.partitions().stream()
                                            .filter(p -> p.isr().size() < p.replicas().size())
                                            .forEach(p -> behind.add(name + "-" + p.partition())));
            return behind;
        } catch (ExecutionException e) {
            return List.of(String.valueOf(e.getCause()));
        }
    }

    private static StageException unavailable(String what, ExecutionException e) {
        return new StageException(
                FailureCode.BROKER_UNAVAILABLE,
                "the cluster does not tell " + what + ": " + e.getCause(),
                e.getCause());
    }

    /** Ends all brokers for good. Their data stays. */
    @Override
    public void close() {
        // Asked together: the last one would wait for a controller that has gone.
        nodes.forEach(ClusterNode::askToEnd);
        try {
            for (ClusterNode node : nodes) {
                node.kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        network.close();
    }
}
