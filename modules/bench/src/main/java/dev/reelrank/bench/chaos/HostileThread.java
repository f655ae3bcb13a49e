package dev.reelrank.bench.chaos;

import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.hostile.HostileClient;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A hostile client that acts at a steady rate while faults are injected. */
final class HostileThread implements AutoCloseable {
    private final AtomicInteger acts = new AtomicInteger();
    private final Thread thread;

    private HostileThread(Runnable work) {
        this.thread = new Thread(work, "hostile");
    }

    /**
     * @param perSecond acts; 0: none
     */
    static HostileThread start(WaitingFarm farm, ResultStore store, int perSecond, long seed)
            throws IOException {
        if (perSecond == 0) {
            return new HostileThread(() -> {});
        }
        var client =
                new HostileClient(
                        farm.connection(),
                        store,
                        farm.folder().resolve("hostile"),
                        List.of(),
                        seed);
        var started = new HostileThread[1];
        started[0] = new HostileThread(() -> started[0].act(client, perSecond));
        started[0].thread.start();
        return started[0];
    }

    private void act(HostileClient client, int perSecond) {
        try (client) {
            while (true) {
                client.strike();
                acts.incrementAndGet();
                Thread.sleep(1000 / perSecond);
            }
        } catch (InterruptedException e) {
            // It was closed.
            return;
        }
    }

    /** How many there were. */
    int acts() {
        return acts.get();
    }

    @Override
    public void close() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }
}
