package dev.reelrank.bench.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Faults of every kind on a farm of real processes, and what the facts say afterwards. */
final class FaultsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(240);

    @TempDir static Path folder;
    private static ChaosRun run;

    @BeforeAll
    static void startFarm() throws InterruptedException {
        run = ChaosRun.start(folder, 1, 1, 1, 1, 0.4);
    }

    @AfterAll
    static void endFarm() {
        run.close();
    }

    @Test
    void shouldLoseNothingWhenEverythingDiesOnce() throws Exception {
        // Beside a client that sends whatever it likes.
        var hostile = HostileThread.start(run.farm(), run.store(), 5, 1);
        run.inject(
                List.of(
                        Fault.KILL_PROMPT,
                        Fault.CORRUPT_STORED_RESULT,
                        Fault.KILL_CANDIDATE,
                        Fault.CORRUPT_RESULT_BYTES,
                        Fault.STOP_CANDIDATE,
                        Fault.CORRUPT_BLOB,
                        Fault.KILL_RANKING,
                        Fault.TERMINATE_CANDIDATE,
                        Fault.STORE_AWAY,
                        Fault.KILL_GRADE,
                        Fault.KILL_FLOW,
                        Fault.CORRUPT_WORK_BYTES,
                        Fault.STORE_FULL,
                        Fault.DELETE_WORK,
                        Fault.KILL_BROKER,
                        Fault.PAUSE_FLOW));
        hostile.close();
        assertThat(hostile.acts()).isPositive();
        var ledger = run.settle(PATIENCE).ledger();
        assertThat(ledger.lost()).isEmpty();
        assertThat(ledger.duplicates()).isEmpty();
        assertThat(ledger.halfWritten()).isEmpty();
    }

    @Test
    void shouldFinishAFailedSampleOnceItsCauseIsGone() throws Exception {
        var cause = Files.createFile(folder.resolve("cause"));
        var prompts = Map.of("held", "fails [user-while:" + cause + "]");
        var runId = run.submit(prompts, Map.of("held", Expectation.DONE), 1);
        var failed = awaitSample(runId, u -> u.status() == Status.FAILED);
        assertThat(failed.failure().code()).isEqualTo(FailureCode.INVALID_SAMPLE);

        // A late success of a seed that was given up is recorded and changes nothing.
        run.farm().publisher().publish(lateSuccess(runId));
        awaitEvent(
                List.of(run.farm().connection().topics().facts(StageName.CANDIDATE)),
                e ->
                        e instanceof StageFact f
                                && f.work().runId().equals(runId)
                                && f.work().seed() == 1L);
        assertThat(awaitSample(runId, u -> true).status()).isEqualTo(Status.FAILED);

        Files.delete(cause);
        run.farm().publisher().publish(new RetryRequested(runId, "held", "test", Instant.now()));
        var done = awaitSample(runId, u -> u.status() == Status.DONE);
        assertThat(done.partial()).isFalse();
        var ledger = run.settle(PATIENCE).ledger();
        assertThat(ledger.duplicates()).isEmpty();
        assertThat(ledger.lost()).isEmpty();
    }

    @Test
    void shouldFinishAPrunedSampleOnceWhenItsWorkersDieBetweenDraftAndFinish() throws Exception {
        var prompts = Map.of("pruned", "the better one is finished");
        var runId =
                run.submit(
                        PromptedRun.of(prompts, ChaosRun.SEEDS).pruned(),
                        Map.of("pruned", Expectation.DONE),
                        2);
        awaitFact(StageName.CANDIDATE, runId);
        kill(StageName.RANKING);
        awaitFact(StageName.RANKING, runId);
        kill(StageName.CANDIDATE);
        assertThat(awaitSample(runId, u -> u.status() != Status.RUNNING).status())
                .isEqualTo(Status.DONE);
        var ledger = run.settle(PATIENCE).ledger();
        assertThat(ledger.lost()).isEmpty();
        assertThat(ledger.duplicates()).isEmpty();
        var candidates = facts(StageName.CANDIDATE, runId);
        assertThat(candidates.stream().filter(f -> f.result().preliminary())).hasSize(2);
        assertThat(candidates.stream().filter(f -> !f.result().preliminary())).hasSize(1);
    }

    private static void awaitFact(StageName stage, String runId) throws InterruptedException {
        awaitEvent(
                List.of(run.farm().connection().topics().facts(stage)),
                e -> e instanceof StageFact f && f.work().runId().equals(runId));
    }

    private static List<StageFact> facts(StageName stage, String runId) {
        var facts = new ArrayList<StageFact>();
        try (var reader =
                new EventReader(
                                run.farm().connection(),
                                new EventCodec(),
                                List.of(run.farm().connection().topics().facts(stage)))
                        .passOverNewer()) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof StageFact f
                                && f.work().runId().equals(runId)) {
                            facts.add(f);
                        }
                    });
        }
        return facts;
    }

    /** All processes of a stage at once. */
    private static void kill(StageName stage) {
        run.farm()
                .processes()
                .forEach(
                        (name, process) -> {
                            if (name.startsWith(stage.id())) {
                                process.kill();
                            }
                        });
    }

    /** What a worker says that had been cut off: the result of another run, for seed 1. */
    private static WorkReport lateSuccess(String runId) throws InterruptedException {
        var other = run.submit(Map.of("other", "any"), Map.of("other", Expectation.DONE), 1);
        var report =
                (WorkReport)
                        awaitEvent(
                                List.of(
                                        run.farm()
                                                .connection()
                                                .topics()
                                                .results(StageName.CANDIDATE)),
                                e ->
                                        e instanceof WorkReport r
                                                && r.work().runId().equals(other)
                                                && r.work().seed() == 1L
                                                && r.body() instanceof Succeeded);
        var work =
                new WorkRef(
                        Ids.workId(runId, "held", StageName.CANDIDATE, 1L),
                        runId,
                        "held",
                        StageName.CANDIDATE,
                        1L,
                        0);
        return new WorkReport(
                work,
                new Producer("late", "1@0", "host", "cpu", "cpu"),
                Instant.now(),
                report.body());
    }

    private static SampleUpdated awaitSample(String runId, Predicate<SampleUpdated> which)
            throws InterruptedException {
        return (SampleUpdated)
                awaitEvent(
                        List.of(run.farm().connection().topics().runs()),
                        e ->
                                e instanceof SampleUpdated u
                                        && u.runId().equals(runId)
                                        && which.test(u));
    }

    /** The latest event that fits. */
    private static Event awaitEvent(List<String> topics, Predicate<Event> which)
            throws InterruptedException {
        var until = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < until) {
            var fitting = new ArrayList<Event>();
            try (var reader =
                    new EventReader(run.farm().connection(), new EventCodec(), topics)
                            .passOverNewer()) {
                reader.readToEnd(
                        stored -> {
                            if (which.test(stored.event())) {
                                fitting.add(stored.event());
                            }
                        });
            }
            if (!fitting.isEmpty()) {
                return fitting.get(fitting.size() - 1);
            }
            Thread.sleep(200);
        }
        throw new AssertionError("nothing fits on " + topics);
    }
}
