package dev.reelrank.bench.bus;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.farm.Timeline;
import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** One pass: hops of samples that come one by one, a flood, and a worker that is killed. */
final class BusRun {
    private static final Duration JOIN = Duration.ofMinutes(5);
    private static final Duration PATIENCE = Duration.ofMinutes(5);
    private static final List<Long> SEEDS = List.of(1L);
    private static final String SLOW = "slow";

    /**
     * @param hopMillisP50 from the report of a result to the start of the next stage
     * @param itemsPerSecond work items of all stages that a flood gets through in a second
     * @param eventsPerSecond the records this takes: of each item its work, start, result and fact
     * @param redeliverySeconds from kill -9 of a worker to the start of its item on a spare one
     */
    record Result(
            int hops,
            double hopMillisP50,
            double hopMillisP99,
            double itemsPerSecond,
            double eventsPerSecond,
            double redeliverySeconds) {}

    private final int paced;
    private final int flood;

    BusRun(int paced, int flood) {
        this.paced = paced;
        this.flood = flood;
    }

    Result in(Path folder) throws InterruptedException {
        try (var farm = WaitingFarm.start(folder);
                var store = Stores.open(farm.store().toString())) {
            farm.flow("flow");
            farm.worker("prompt", StageName.PROMPT, Pace.NONE, Restart.AT_ONCE);
            farm.worker("candidate", StageName.CANDIDATE, Pace.NONE, Restart.AT_ONCE);
            farm.worker("ranking", StageName.RANKING, Pace.NONE, Restart.AT_ONCE);
            farm.worker("grade", StageName.GRADE, Pace.NONE, Restart.AT_ONCE);
            for (var stage : List.of(StageName.PROMPT, StageName.RANKING, StageName.GRADE)) {
                farm.awaitMembers(stage, 1, JOIN);
            }
            farm.awaitMembers(StageName.CANDIDATE, 1, JOIN);
            // Everything is compiled and connected before anything is measured.
            await(farm, submit(farm, store, "warm", 30), 30);
            var hops = hops(farm, store);
            var seconds = flood(farm, store);
            var items = flood * 4;
            return new Result(
                    hops.size(),
                    Timeline.quantile(hops, 0.5),
                    Timeline.quantile(hops, 0.99),
                    items / seconds,
                    4 * items / seconds,
                    redelivery(farm, store));
        }
    }

    private List<Duration> hops(WaitingFarm farm, ResultStore store) throws InterruptedException {
        var hops = new ArrayList<Duration>();
        var runs = new ArrayList<String>();
        for (int i = 0; i < paced; i++) {
            runs.add(submit(farm, store, "paced" + i + "-", 1));
            Thread.sleep(400);
        }
        for (var run : runs) {
            await(farm, run, 1);
        }
        for (var run : runs) {
            hops.addAll(Hops.of(farm.connection(), run));
        }
        hops.sort(null);
        return hops;
    }

    private double flood(WaitingFarm farm, ResultStore store) throws InterruptedException {
        var start = Instant.now();
        var end = await(farm, submit(farm, store, "flood", flood), flood);
        return Duration.between(start, end.lastSuccess()).toNanos() / 1e9;
    }

    /** Two more workers, so that one is idle, whichever of them gets the slow item. */
    private double redelivery(WaitingFarm farm, ResultStore store) throws InterruptedException {
        Objects.requireNonNull(farm.processes().get("candidate")).close();
        var pace = new Pace(0, 20, 0, 1, 1);
        farm.worker("slow-1", StageName.CANDIDATE, pace, Restart.NEVER);
        farm.worker("slow-2", StageName.CANDIDATE, pace, Restart.NEVER);
        farm.awaitMembers(StageName.CANDIDATE, 2, JOIN);
        var run = submit(farm, store, SLOW, 1);
        var first = awaitStart(farm, run, 1).get(0);
        // Some time into the item, with the spare one polling.
        Thread.sleep(3000);
        var killed = Objects.requireNonNull(farm.processes().get(first.producer().worker())).kill();
        var second = awaitStart(farm, run, 2).get(1);
        return Duration.between(killed, second.at()).toNanos() / 1e9;
    }

    private static List<WorkReport> awaitStart(WaitingFarm farm, String run, int count)
            throws InterruptedException {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            var starts =
                    Timeline.read(farm.connection(), StageName.CANDIDATE, run).reports().stream()
                            .filter(r -> r.body() instanceof Started)
                            .toList();
            if (starts.size() >= count) {
                return starts;
            }
            Thread.sleep(100);
        }
        throw new IllegalStateException("no start number " + count + "; see " + farm.folder());
    }

    private static String submit(WaitingFarm farm, ResultStore store, String prefix, int count) {
        Map<String, String> prompts = new LinkedHashMap<>();
        for (int i = 0; i < count; i++) {
            prompts.put("s" + i, prefix + " " + i);
        }
        var submission = PromptedRun.of(prompts, SEEDS);
        submission.submit(farm.publisher(), store);
        return submission.runId();
    }

    private static Timeline await(WaitingFarm farm, String run, int count)
            throws InterruptedException {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            var grades = Timeline.read(farm.connection(), StageName.GRADE, run);
            if (grades.done() >= count) {
                return grades;
            }
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        "only %d of %d samples are through; see %s"
                                .formatted(grades.done(), count, farm.folder().resolve("logs")));
            }
            Thread.sleep(200);
        }
    }
}
