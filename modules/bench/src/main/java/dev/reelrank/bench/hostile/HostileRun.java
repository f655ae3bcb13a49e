package dev.reelrank.bench.hostile;

import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A farm of waiting workers that read their inputs, healthy samples, and a hostile client. */
public final class HostileRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(HostileRun.class);
    private static final Duration JOIN = Duration.ofMinutes(5);

    /** Later than without the client by more than this is late. */
    private static final Duration LATE = Duration.ofSeconds(60);

    private static final Duration QUARANTINE = Duration.ofSeconds(20);
    private static final Duration STALL = Duration.ofSeconds(10);
    private static final Duration HEALTHY_EVERY = Duration.ofSeconds(2);
    private static final Duration LOOK = Duration.ofMillis(20);

    private final WaitingFarm farm;
    private final ResultStore store;
    private final Map<String, Integer> ports;
    private final HealthySamples healthy;

    /**
     * What was found.
     *
     * @param records hostile acts
     * @param kinds how many of each kind
     * @param samples healthy ones
     * @param lost healthy samples that did not end as they must
     * @param late healthy samples that took over a minute longer than without the client
     * @param stuck processes and queues that do not get on at the end
     * @param paused partitions that flow does not read to their end
     * @param faults of readers in this process
     * @param usualSeconds the longest that a healthy sample took before
     * @param longestSeconds the longest that one took beside the client
     * @param seconds that the client was at it
     */
    public record Outcome(
            int records,
            Map<String, Integer> kinds,
            int samples,
            List<String> lost,
            int late,
            List<String> stuck,
            List<String> paused,
            List<String> faults,
            double usualSeconds,
            double longestSeconds,
            double seconds) {
        /** Whether nobody was harmed. */
        public boolean clean() {
            return lost.isEmpty()
                    && late == 0
                    && stuck.isEmpty()
                    && paused.isEmpty()
                    && faults.isEmpty();
        }
    }

    private HostileRun(WaitingFarm farm, ResultStore store, Map<String, Integer> ports) {
        this.farm = farm;
        this.store = store;
        this.ports = ports;
        this.healthy = new HealthySamples(farm.connection(), farm.publisher(), store);
    }

    /**
     * Starts the farm.
     *
     * @param each flow processes, and workers per stage
     */
    public static HostileRun start(Path folder, int each) throws InterruptedException, IOException {
        return start(folder, each, QUARANTINE, STALL);
    }

    /**
     * Starts the farm.
     *
     * @param each flow processes, and workers per stage
     * @param quarantine how long a record of a newer build is waited for
     * @param stall how long work may make no progress
     */
    static HostileRun start(Path folder, int each, Duration quarantine, Duration stall)
            throws InterruptedException, IOException {
        var farm = WaitingFarm.start(folder);
        var store = Stores.open(farm.store().toString());
        var ports = new LinkedHashMap<String, Integer>();
        for (int i = 0; i < each; i++) {
            int port = freePort();
            ports.put("flow-" + i, port);
            farm.flow(
                    "flow-" + i,
                    "--metrics-port",
                    Integer.toString(port),
                    "--quarantine-after",
                    text(quarantine));
        }
        for (StageName stage : farm.connection().stages().ofSample()) {
            for (int i = 0; i < each; i++) {
                int port = freePort();
                ports.put(stage.id() + "-" + i, port);
                worker(farm, stage, stage.id() + "-" + i, port, quarantine, stall);
            }
        }
        for (StageName stage : farm.connection().stages().ofSample()) {
            farm.awaitMembers(stage, each, JOIN);
        }
        return new HostileRun(farm, store, ports);
    }

    private static void worker(
            WaitingFarm farm,
            StageName stage,
            String name,
            int port,
            Duration quarantine,
            Duration stall) {
        farm.worker(
                name,
                stage,
                new Pace(0.05, 0.02, 0.2, 1, 1),
                Restart.AT_ONCE,
                "--read-inputs",
                "--metrics-port",
                Integer.toString(port),
                "--quarantine-after",
                text(quarantine),
                "--stall-after",
                text(stall));
    }

    private static String text(Duration time) {
        return time.toSeconds() + "s";
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** What the hostile client needs to begin. */
    public HostileClient client(long seed) throws IOException {
        return new HostileClient(
                farm.connection(),
                store,
                farm.folder().resolve("hostile"),
                List.copyOf(ports.values()),
                seed);
    }

    /**
     * Lets the client strike beside healthy samples.
     *
     * @param count hostile acts
     * @param perSecond at most so many a second
     * @param patience after the last act, for everything to end
     */
    public Outcome run(HostileClient client, int count, int perSecond, Duration patience)
            throws InterruptedException {
        double usual = usual(patience);
        long begin = System.nanoTime();
        long nextHealthy = begin;
        for (int i = 0; i < count; i++) {
            long due = begin + (long) (i * 1e9 / perSecond);
            while (System.nanoTime() < due) {
                healthy.look(LOOK);
            }
            if (System.nanoTime() >= nextHealthy) {
                healthy.send();
                healthy.look(Duration.ZERO);
                nextHealthy += HEALTHY_EVERY.toNanos();
            }
            client.strike();
            if (i % 1000 == 999) {
                LOG.info("{} hostile acts", i + 1);
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        client.close();
        healthy.send();
        return settle(client, count, usual, seconds, patience);
    }

    /** The longest that a sample takes while nobody is hostile. */
    private double usual(Duration patience) throws InterruptedException {
        for (int i = 0; i < 3; i++) {
            healthy.send();
        }
        awaitAll(patience);
        return longest(healthy.seconds());
    }

    private void awaitAll(Duration patience) {
        long end = System.nanoTime() + patience.toNanos();
        while (!healthy.all() && System.nanoTime() < end) {
            healthy.look(Duration.ofMillis(200));
        }
    }

    private Outcome settle(
            HostileClient client, int count, double usual, double seconds, Duration patience)
            throws InterruptedException {
        long end = System.nanoTime() + patience.toNanos();
        awaitAll(patience);
        List<String> stuck;
        List<String> paused;
        try (var pulse = new Pulse(farm.connection(), ports)) {
            do {
                Thread.sleep(500);
                paused = pulse.paused();
                stuck = pulse.stuck(LATE);
            } while (!(paused.isEmpty() && stuck.isEmpty()) && System.nanoTime() < end);
        }
        List<Double> took = new ArrayList<>(healthy.seconds());
        int late = (int) took.stream().filter(s -> s > usual + LATE.toSeconds()).count();
        return new Outcome(
                count,
                client.counts(),
                healthy.sent(),
                healthy.lost(),
                late,
                stuck,
                paused,
                client.faults(),
                usual,
                longest(took),
                seconds);
    }

    private static double longest(List<Double> seconds) {
        return seconds.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    }

    public WaitingFarm farm() {
        return farm;
    }

    public ResultStore store() {
        return store;
    }

    @Override
    public void close() {
        healthy.close();
        store.close();
        farm.close();
    }
}
