package dev.reelrank.client.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.LostTime;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A sample of which one of two candidates was finished. */
final class PrunedSampleTest {
    @TempDir Path folder;
    private ResultStore store;
    private final RunView run = new RunView("x");

    @BeforeEach
    void publish() {
        store = Stores.open(folder.resolve("store").toString());
        var d = RunConfiguration.defaults();
        var candidate =
                d.candidate()
                        .withSeeds(List.of(1L, 2L))
                        .withPrune(new CandidateConfig.Prune(2, null));
        run.apply(
                new SampleFact(
                        "x",
                        "fox",
                        "first",
                        "a fox",
                        blob("image"),
                        null,
                        null,
                        new RunConfiguration(d.prompt(), candidate, d.ranking(), d.grade()),
                        null,
                        Instant.EPOCH));
        fact(StageName.CANDIDATE, 1L, "draft", 2_000, candidate(1, true));
        fact(StageName.CANDIDATE, 2L, "draft", 3_000, candidate(2, true));
        fact(StageName.RANKING, null, "preview", 500, ranking(List.of(1L, 2L), List.of(2L)));
        fact(StageName.CANDIDATE, 2L, "", 6_000, candidate(2, false));
        fact(StageName.RANKING, null, "", 500, ranking(List.of(2L), List.of()));
        run.apply(
                new SampleUpdated(
                        "x",
                        "fox",
                        SampleUpdated.Status.DONE,
                        false,
                        0,
                        StageName.RANKING,
                        List.of(),
                        Instant.EPOCH,
                        List.of(new LostTime(StageName.CANDIDATE, "cpu", 2, 4_000))));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void shouldTellCandidatesFromDraftsAndTheRankingFromTheirComparison() {
        SampleView fox = run.samples().get("fox");
        assertThat(fox.candidates()).extracting(CandidateResult::seed).containsExactly(2L);
        assertThat(fox.drafts()).extracting(CandidateResult::seed).containsExactly(1L, 2L);
        assertThat(fox.pruned()).extracting(CandidateResult::seed).containsExactly(1L);
        assertThat(fox.ranking().orElseThrow().candidates()).hasSize(1);
        assertThat(fox.comparison().orElseThrow().kept()).containsExactly(2L);
        assertThat(fox.winner().orElseThrow().video()).isEqualTo(blob("video 2"));
    }

    @Test
    void shouldCallPrunedWhatIsBeyondTheNumberThatGoesOn() {
        fact(StageName.RANKING, null, "preview", 500, ranking(List.of(1L, 2L), List.of(2L, 1L)), 1);
        SampleView fox = run.samples().get("fox");
        assertThat(fox.comparison().orElseThrow().kept()).containsExactly(2L, 1L);
        assertThat(fox.pruned()).extracting(CandidateResult::seed).containsExactly(1L);
    }

    @Test
    void shouldNotCallPrunedWhatWasFinishedInThePlaceOfAnother() {
        fact(StageName.CANDIDATE, 1L, "", 6_000, candidate(1, false));
        SampleView fox = run.samples().get("fox");
        assertThat(fox.pruned()).isEmpty();
        assertThat(fox.candidates()).extracting(CandidateResult::seed).containsExactly(1L, 2L);
        assertThat(RunCost.of(run.samples().values()).stages().get(0).prunedSeconds()).isZero();
    }

    @Test
    void shouldReportWhatWasPrunedWithItsScoresAndItsPreview() {
        var files = new RunFiles(folder.resolve("out"), "x", store);
        run.samples().values().forEach(files::write);
        var sample = files.report(run).at("/samples/0");
        assertThat(sample.path("candidates")).hasSize(1);
        assertThat(sample.path("pruned")).hasSize(1);
        assertThat(sample.at("/pruned/0/seed").asLong()).isEqualTo(1);
        assertThat(sample.at("/pruned/0/scores/composite").asDouble()).isEqualTo(0.5);
        assertThat(files.folder().resolve(sample.at("/pruned/0/preview").asText())).exists();
        assertThat(sample.at("/timings/draft-1/runMillis").asLong()).isEqualTo(2_000);
        assertThat(sample.at("/timings/comparison/runMillis").asLong()).isEqualTo(500);
    }

    @Test
    void shouldCountWhatPrunedAndFailedWorkCost() {
        var cost = RunCost.of(run.samples().values());
        var candidate = cost.stages().get(0);
        assertThat(candidate.runSeconds()).isEqualTo(11);
        assertThat(candidate.prunedSeconds()).isEqualTo(2);
        assertThat(candidate.drafts()).isEqualTo(2);
        assertThat(candidate.draftSeconds()).isEqualTo(5);
        assertThat(candidate.failed()).isEqualTo(2);
        assertThat(candidate.failedSeconds()).isEqualTo(4);
        assertThat(cost.cpuSeconds()).isEqualTo(16);
        assertThat(cost.text())
                .contains("2.0 s of it pruned")
                .contains("4.0 s in 2 failed attempts");
    }

    @Test
    void shouldCountWhatWasDoneBeforeItWasDoneAgain() {
        SampleView fox = run.samples().get("fox");
        int before = fox.facts().size();
        fact(StageName.RANKING, null, "", 700, ranking(List.of(2L), List.of()), 1);
        // Read again, as topics are: nothing is counted twice, and nothing old comes back.
        fact(StageName.RANKING, null, "", 500, ranking(List.of(2L), List.of()));
        var ranking = RunCost.of(run.samples().values()).stages().get(1);
        assertThat(ranking.computed()).isEqualTo(3);
        assertThat(ranking.runSeconds()).isEqualTo(0.5 + 0.5 + 0.7);
        assertThat(fox.facts()).hasSize(before);
        assertThat(fox.superseded()).extracting(f -> f.work().epoch()).containsExactly(0);
    }

    private BlobRef blob(String content) {
        return store.putBlob(content.getBytes(StandardCharsets.UTF_8), "video/mp4");
    }

    private CandidateResult candidate(long seed, boolean draft) {
        return new CandidateResult(
                seed,
                blob((draft ? "preview " : "video ") + seed),
                64,
                48,
                17,
                16,
                draft ? 2 : 8,
                null,
                1,
                "euler",
                null,
                "libx264",
                null,
                draft ? 2 : null);
    }

    private static RankingResult ranking(List<Long> seeds, List<Long> kept) {
        return new RankingResult(
                "fox",
                "animal",
                new RankingResult.SubjectMask(false, List.of(), 0, "none"),
                seeds.stream()
                        .map(s -> new CandidateScore(s, 0, 0, 0, 0, 0, 0, 0, 0, s / 2.0))
                        .toList(),
                new RankingResult.Winner(2, seeds.size() - 1, "best"),
                0.5,
                null,
                null,
                kept);
    }

    private void fact(
            StageName stage, @Nullable Long seed, String part, long millis, StageResult result) {
        fact(stage, seed, part, millis, result, 0);
    }

    private void fact(
            StageName stage,
            @Nullable Long seed,
            String part,
            long millis,
            StageResult result,
            int epoch) {
        run.apply(
                new StageFact(
                        new WorkRef(
                                Ids.workId("x", "fox", stage, seed, part),
                                "x",
                                "fox",
                                stage,
                                seed,
                                epoch),
                        new Producer("w", "1@0", "host", "cpu", "cpu"),
                        new Computation(
                                "key", 1, "weights", "fp32", "cpu", false, 0, millis, Map.of(),
                                Map.of()),
                        result,
                        null,
                        Instant.EPOCH));
    }
}
