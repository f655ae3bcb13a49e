package dev.reelrank.bench.soak;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** Keeps the queues of a farm of waiting workers full, and looks at its processes' memory. */
final class SoakRun implements AutoCloseable {
    private static final Duration JOIN = Duration.ofMinutes(5);
    private static final Duration LOOK = Duration.ofSeconds(5);

    /** Candidates that wait: enough for the workers to be busy until the next look. */
    private static final int FULL = 60;

    private static final int RUN = 10;
    private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    private final WaitingFarm farm;
    private final ResultStore store;
    private final Map<String, Memory> memory = new LinkedHashMap<>();
    private int runs;

    private SoakRun(WaitingFarm farm, ResultStore store) {
        this.farm = farm;
        this.store = store;
    }

    /**
     * What was found.
     *
     * @param samples that were sent
     * @param memory by process
     */
    record Outcome(int samples, Map<String, Memory.Figures> memory) {}

    static SoakRun start(Path folder) throws InterruptedException {
        var farm = WaitingFarm.start(folder);
        // Workers wait for a store that is there.
        var store = Stores.open(farm.store().toString());
        farm.flow("flow");
        for (StageName stage : farm.connection().stages().ofSample()) {
            var pace = new Pace(0.1, stage.equals(StageName.CANDIDATE) ? 0.1 : 0.05, 0.2, 1, 1);
            farm.worker(stage.id(), stage, pace, Restart.AT_ONCE);
        }
        for (StageName stage : farm.connection().stages().ofSample()) {
            farm.awaitMembers(stage, 1, JOIN);
        }
        return new SoakRun(farm, store);
    }

    /**
     * @param length of the whole
     * @param warmUp of which so much does not count
     */
    Outcome run(Duration length, Duration warmUp) throws InterruptedException {
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        while (System.nanoTime() < end) {
            if (farm.queues().owed(StageName.CANDIDATE).lag() < FULL) {
                submit();
            }
            look((System.nanoTime() - begin) / 60e9);
            Thread.sleep(LOOK.toMillis());
        }
        var figures = new LinkedHashMap<String, Memory.Figures>();
        memory.forEach((name, m) -> figures.put(name, m.figures(warmUp.toSeconds() / 60.0)));
        return new Outcome(runs * RUN, figures);
    }

    private void submit() {
        var prompts = new LinkedHashMap<String, String>();
        for (int i = 0; i < RUN; i++) {
            prompts.put("s" + i, "sample %d of run %d".formatted(i, runs));
        }
        PromptedRun.of(prompts, SEEDS).submit(farm.publisher(), store);
        runs++;
    }

    private void look(double minute) {
        sample("broker", farm.brokerPid(), minute);
        farm.processes().forEach((name, process) -> sample(name, process.pid(), minute));
    }

    private void sample(String name, OptionalLong pid, double minute) {
        if (pid.isEmpty()) {
            return;
        }
        try {
            memory.computeIfAbsent(name, n -> new Memory()).sample(minute, pid.getAsLong());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the memory of " + name, e);
        }
    }

    @Override
    public void close() {
        store.close();
        farm.close();
    }
}
