package dev.reelrank.bench.chaos;

import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.process.JavaProcess;
import dev.reelrank.bus.cluster.BrokerCluster;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.Callable;

/**
 * What happens to one broker of several. At most one is away at a time: every fault begins when all
 * replicas are complete, as an operator would wait, and ends when its broker answers again.
 */
final class BrokerFaults {
    /** Longer than a broker's session (3 s), so that the others take its partitions over. */
    private static final long AWAY_MILLIS = 8000;

    private static final long DOWN_MILLIS = 2000;
    private static final Duration IN_SYNC = Duration.ofMinutes(3);

    private static final Duration ANSWER = Duration.ofMinutes(1);

    private final WaitingFarm farm;
    private final BrokerCluster cluster;
    private int next;

    BrokerFaults(WaitingFarm farm, BrokerCluster cluster) {
        this.farm = farm;
        this.cluster = cluster;
    }

    /** Each in turn. */
    String killNext() throws InterruptedException {
        return kill(inTurn());
    }

    String killFlowCoordinator() throws InterruptedException {
        String group = farm.connection().topics().flowGroup();
        return kill(awaited(() -> cluster.coordinator(group)));
    }

    String killQueueCoordinator() throws InterruptedException {
        String group = farm.connection().topics().group(StageName.CANDIDATE);
        return kill(awaited(() -> cluster.shareCoordinator(group)));
    }

    String killController() throws InterruptedException {
        return kill(awaited(cluster::controller));
    }

    private String kill(int node) throws InterruptedException {
        cluster.awaitInSync(IN_SYNC);
        cluster.kill(node);
        Thread.sleep(DOWN_MILLIS);
        cluster.start(node);
        return name(node);
    }

    String pause() throws InterruptedException {
        cluster.awaitInSync(IN_SYNC);
        int node = inTurn();
        cluster.freeze(node);
        Thread.sleep(AWAY_MILLIS);
        cluster.thaw(node);
        return name(node);
    }

    String cut() throws InterruptedException {
        cluster.awaitInSync(IN_SYNC);
        int node = inTurn();
        cluster.cutOff(node);
        Thread.sleep(AWAY_MILLIS);
        cluster.rejoin(node);
        return name(node);
    }

    /** The order of an upgrade: brokers, then flow, then workers. */
    String rollEverything() throws InterruptedException {
        for (int node = 1; node <= cluster.size(); node++) {
            cluster.awaitInSync(IN_SYNC);
            cluster.stop(node);
            cluster.start(node);
        }
        cluster.awaitInSync(IN_SYNC);
        List<JavaProcess> all =
                farm.processes().values().stream()
                        .sorted(
                                Comparator.comparing(
                                                (JavaProcess p) -> !p.name().startsWith("flow"))
                                        .thenComparing(JavaProcess::name))
                        .toList();
        for (JavaProcess process : all) {
            OptionalLong before = process.pid();
            process.terminate();
            var until = System.nanoTime() + ANSWER.toNanos();
            while (process.pid().isEmpty() || process.pid().equals(before)) {
                if (System.nanoTime() > until) {
                    throw new IllegalStateException(process.name() + " did not start again");
                }
                Thread.sleep(50);
            }
        }
        return "everything";
    }

    private int inTurn() {
        return next++ % cluster.size() + 1;
    }

    private static String name(int node) {
        return "broker-" + node;
    }

    /** Asked again while the cluster is choosing. */
    private static int awaited(Callable<OptionalInt> who) throws InterruptedException {
        var until = System.nanoTime() + ANSWER.toNanos();
        while (true) {
            try {
                OptionalInt found = who.call();
                if (found.isPresent()) {
                    return found.getAsInt();
                }
            } catch (StageException e) {
                if (System.nanoTime() > until) {
                    throw e;
                }
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("cannot ask the cluster", e);
            }
            if (System.nanoTime() > until) {
                throw new IllegalStateException("the cluster names no leader within " + ANSWER);
            }
            Thread.sleep(200);
        }
    }
}
