package dev.reelrank.bench.prune;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.farm.WaitingFarm;
import dev.reelrank.bench.waiting.Pace;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.RunTopics;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig.Prune;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs over the same samples that prune in another way: what they find in the store. */
@Timeout(300)
final class PrunedAgainIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final List<Long> SEEDS = List.of(1L, 2L, 3L);

    @TempDir static Path folder;
    private static WaitingFarm farm;
    private static ResultStore store;

    @BeforeAll
    static void startFarm() {
        farm = WaitingFarm.start(folder);
        store = Stores.open(farm.store().toString());
        farm.flow("flow");
        for (var stage : farm.connection().stages().ofSample()) {
            farm.worker(stage.id(), stage, Pace.NONE, Restart.AT_ONCE);
        }
    }

    @AfterAll
    static void endFarm() {
        store.close();
        farm.close();
    }

    @Test
    void shouldOnlyFinishWhatIsMissingWhenAnotherRunKeepsAnotherNumber() throws Exception {
        var one = run("a ring", new Prune(2, 1));
        assertThat(computed(one, StageName.CANDIDATE, true)).hasSize(3);
        assertThat(computed(one, StageName.RANKING, true)).hasSize(1);
        assertThat(computed(one, StageName.CANDIDATE, false))
                .extracting(f -> f.work().seed())
                .containsExactly(1L);

        var two = run("a ring", new Prune(2, 2));
        assertThat(two.drafts()).hasSize(3);
        assertThat(two.comparison()).isEqualTo(one.comparison());
        assertThat(computed(two, StageName.CANDIDATE, true)).isEmpty();
        assertThat(computed(two, StageName.RANKING, true)).isEmpty();
        assertThat(computed(two, StageName.CANDIDATE, false))
                .extracting(f -> f.work().seed())
                .containsExactly(2L);
        assertThat(two.pruned()).extracting(CandidateResult::seed).containsExactly(3L);

        var oneAgain = run("a ring", new Prune(2, null));
        assertThat(oneAgain.facts()).noneMatch(StageFact::computedHere);
        assertThat(oneAgain.pruned()).extracting(CandidateResult::seed).containsExactly(2L, 3L);

        var all = run("a ring", new Prune(2, 100));
        assertThat(all.drafts()).isEmpty();
        assertThat(computed(all, StageName.CANDIDATE, false))
                .extracting(f -> f.work().seed())
                .containsExactly(3L);
    }

    @Test
    void shouldDraftAgainButNotFinishAgainWhenAnotherRunComparesLater() throws Exception {
        run("a cup", new Prune(2, 1));
        var later = run("a cup", new Prune(4, 1));
        assertThat(computed(later, StageName.CANDIDATE, true)).hasSize(3);
        assertThat(computed(later, StageName.RANKING, true)).hasSize(1);
        assertThat(later.candidates()).extracting(CandidateResult::seed).containsExactly(1L);
        assertThat(computed(later, StageName.CANDIDATE, false)).isEmpty();
        assertThat(computed(later, StageName.RANKING, false)).isEmpty();
    }

    private static List<StageFact> computed(
            SampleView sample, StageName stage, boolean preliminary) {
        return sample.facts().stream()
                .filter(StageFact::computedHere)
                .filter(f -> f.work().stage().equals(stage))
                .filter(f -> f.result().preliminary() == preliminary)
                .toList();
    }

    private static SampleView run(String prompt, Prune rule) throws InterruptedException {
        var run = PromptedRun.of(Map.of("s", prompt), SEEDS).pruned(rule);
        run.submit(farm.publisher(), store);
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            var sample = view(run.runId()).samples().get("s");
            if (sample != null
                    && sample.update().filter(u -> u.status() == Status.DONE).isPresent()) {
                return sample;
            }
            Thread.sleep(200);
        }
        throw new AssertionError("run " + run.runId() + " did not end");
    }

    private static RunView view(String runId) {
        var view = new RunView(runId);
        var topics = RunTopics.of(farm.connection().topics());
        try (var reader =
                new EventReader(farm.connection(), new EventCodec(), topics).passOverNewer()) {
            reader.readToEnd(stored -> view.apply(stored.event()));
        }
        return view;
    }
}
