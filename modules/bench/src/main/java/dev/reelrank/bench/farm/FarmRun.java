package dev.reelrank.bench.farm;

import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.worker.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One pass of a scenario over real processes. */
final class FarmRun {
    /** Where in the ideal makespan the worker is killed. */
    private static final double KILL_AT = 0.4;

    private static final double HALF_SPEED = 2;
    private static final Duration JOIN = Duration.ofMinutes(5);

    /**
     * Reading all reports takes cores from the farm; when it is done does not change the result.
     */
    private static final long LOOK_MILLIS = 5000;

    /**
     * Seconds are on the farm's clock.
     *
     * @param efficiency ideal ÷ measured makespan
     * @param staticEfficiency ideal makespan ÷ that of chunks dealt out beforehand
     * @param idealSeconds list scheduling of the same durations in the same order
     * @param chunkSeconds the same under static round-robin chunks, which cost nothing here
     * @param allStagesSeconds until the last grade
     * @param lost where the difference went
     * @param gapMillisP50 real time between two items of a worker
     * @param loads how often each worker loaded
     * @param estimate of a pass without faults: what the first two samples tell of all
     */
    record Result(
            double efficiency,
            double staticEfficiency,
            double measuredSeconds,
            double idealSeconds,
            double chunkSeconds,
            double allStagesSeconds,
            Lost lost,
            double gapMillisP50,
            double gapMillisP99,
            Map<String, Long> loads,
            @Nullable Estimated estimate) {}

    private final Scenario scenario;
    private final boolean faults;

    /**
     * @param faults kill one worker for good, and let another run at half speed
     */
    FarmRun(Scenario scenario, boolean faults) {
        this.scenario = scenario;
        this.faults = faults;
    }

    Result in(Path folder) throws InterruptedException {
        var durations = scenario.durations();
        try (var farm = WaitingFarm.start(folder)) {
            // Workers wait until the store exists.
            var store = Stores.open(farm.store().toString());
            farm.flow("flow");
            for (int i = 0; i < scenario.workers(); i++) {
                var slowness = faults && i == scenario.workers() - 1 ? HALF_SPEED : 1;
                farm.worker(
                        name(i),
                        StageName.CANDIDATE,
                        scenario.candidatePace(slowness),
                        Restart.NEVER);
            }
            farm.worker("ranker", StageName.RANKING, scenario.rankingPace(), Restart.AT_ONCE);
            farm.worker("prompter", StageName.PROMPT, Pace.NONE, Restart.AT_ONCE);
            farm.worker("grader", StageName.GRADE, Pace.NONE, Restart.AT_ONCE);
            for (var stage : List.of(StageName.PROMPT, StageName.RANKING, StageName.GRADE)) {
                farm.awaitMembers(stage, 1, JOIN);
            }
            farm.awaitMembers(StageName.CANDIDATE, scenario.workers(), JOIN);
            var submission = PromptedRun.of(scenario.prompts(), scenario.seeds());
            var start = Instant.now();
            submission.submit(farm.publisher(), store);
            var workers = workers(farm, start, durations);
            var candidates = await(farm, StageName.CANDIDATE, submission, durations);
            var rest = await(farm, StageName.GRADE, submission, durations);
            var estimate =
                    faults
                            ? null
                            : Estimated.of(
                                    farm.connection(),
                                    submission.runId(),
                                    scenario,
                                    scenario.seconds(start, rest.lastSuccess()));
            return result(submission.runId(), start, workers, candidates, rest, estimate);
        }
    }

    /** By name; with faults, waits until one has been killed. */
    private Map<String, Schedules.Worker> workers(
            WaitingFarm farm, Instant start, List<List<Double>> durations)
            throws InterruptedException {
        var workers = new LinkedHashMap<String, Schedules.Worker>();
        for (int i = 0; i < scenario.workers(); i++) {
            workers.put(name(i), Schedules.Worker.SOUND);
        }
        if (faults) {
            workers.put(
                    name(scenario.workers() - 1),
                    new Schedules.Worker(HALF_SPEED, Double.POSITIVE_INFINITY));
            var ideal =
                    Schedules.list(
                            durations.stream().flatMap(List::stream).toList(),
                            List.copyOf(workers.values()),
                            scenario.loadSeconds());
            var killAt = start.plusMillis(Math.round(KILL_AT * ideal / scenario.speed() * 1000));
            Thread.sleep(Math.max(0, Duration.between(Instant.now(), killAt).toMillis()));
            var killed = Objects.requireNonNull(farm.processes().get(name(0))).kill();
            workers.put(name(0), new Schedules.Worker(1, scenario.seconds(start, killed)));
        }
        return workers;
    }

    private static String name(int worker) {
        return "gpu-" + worker;
    }

    private Timeline await(
            WaitingFarm farm, StageName stage, PromptedRun submission, List<List<Double>> durations)
            throws InterruptedException {
        var expected =
                scenario.samples()
                        * (stage.equals(StageName.CANDIDATE) ? scenario.seeds().size() : 1);
        var total = durations.stream().flatMap(List::stream).mapToDouble(d -> d).sum();
        var patience =
                Duration.ofSeconds(
                        Math.round(120 + 4 * total / scenario.speed() / scenario.workers()));
        var until = System.nanoTime() + patience.toNanos();
        while (true) {
            var timeline = Timeline.read(farm.connection(), stage, submission.runId());
            if (timeline.done() >= expected) {
                return timeline;
            }
            if (System.nanoTime() > until) {
                throw new IllegalStateException(
                        "only %d of %d items of %s are done after %s; see %s"
                                .formatted(
                                        timeline.done(),
                                        expected,
                                        stage.id(),
                                        patience,
                                        farm.folder().resolve("logs")));
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    private Result result(
            String runId,
            Instant start,
            Map<String, Schedules.Worker> workers,
            Timeline candidates,
            Timeline grades,
            @Nullable Estimated estimate) {
        var seconds = scenario.durations(runId);
        var order = candidates.order().stream().map(seconds::get).toList();
        var ideal = Schedules.list(order, List.copyOf(workers.values()), scenario.loadSeconds());
        var chunks =
                Schedules.chunks(
                        scenario.durations(),
                        List.copyOf(workers.values()),
                        scenario.loadSeconds());
        var measured = scenario.seconds(start, candidates.lastSuccess());
        var gaps = candidates.gaps();
        return new Result(
                ideal / measured,
                ideal / chunks,
                measured,
                ideal,
                chunks,
                scenario.seconds(start, grades.lastSuccess()),
                Lost.of(candidates, start, scenario, workers, seconds),
                Timeline.quantile(gaps, 0.5),
                Timeline.quantile(gaps, 0.99),
                candidates.loads(),
                estimate);
    }
}
