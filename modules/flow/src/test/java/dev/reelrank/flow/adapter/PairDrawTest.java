package dev.reelrank.flow.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.sample.SampleState;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageResult;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PairDrawTest {
    private final PairDraw draw =
            new PairDraw(List.of(new AutoAlign("smooth", 2, 0.05, null, AlignConfig.defaults())));

    private static WorkRef ref(StageName stage, @Nullable Long seed) {
        return new WorkRef(stage.id() + seed, "run-1", "fox", stage, seed, 0);
    }

    private static CandidateResult candidate(long seed, String video) {
        return new CandidateResult(
                seed, Given.blob(video), 96, 96, 9, 8, 8, 4, 1.0, "euler", 5.0, "libx264", null);
    }

    private static SampleState sample(CandidateResult... candidates) {
        return sample(Given.sample("fox", 1L, 2L, 3L), candidates);
    }

    private static SampleState sample(SampleSubmitted submitted, CandidateResult... candidates) {
        var works = new LinkedHashMap<String, WorkState>();
        for (var candidate : candidates) {
            var work = ref(StageName.CANDIDATE, candidate.seed());
            works.put(work.workId(), WorkState.waiting(work).succeeded(candidate, null));
        }
        return new SampleState(
                submitted,
                new SampleUpdated(
                        "run-1",
                        "fox",
                        SampleUpdated.Status.RUNNING,
                        false,
                        0,
                        StageName.RANKING,
                        List.of(),
                        Given.NOW),
                0,
                null,
                works);
    }

    private static Effect ranked(@Nullable String inheritedFrom, Map<Long, Double> composites) {
        var scores =
                composites.entrySet().stream()
                        .map(
                                e ->
                                        new RankingResult.CandidateScore(
                                                e.getKey(), 0, 0, 0, 0, 0, 0, 0, 0, e.getValue()))
                        .toList();
        StageResult result =
                new RankingResult(
                        null,
                        "other",
                        new RankingResult.SubjectMask(false, List.of(), 0, "none"),
                        scores,
                        new RankingResult.Winner(1, 0, "best"),
                        0,
                        null,
                        null);
        return new Effect.Fact(
                new StageFact(
                        ref(StageName.RANKING, null),
                        Given.FLOW,
                        Given.computation(),
                        result,
                        inheritedFrom,
                        Given.NOW));
    }

    private List<PairFacts> drawn(SampleState sample, Effect effect) {
        return draw.with(sample, List.of(effect), Given.NOW).stream()
                .filter(Effect.Pair.class::isInstance)
                .map(e -> ((Effect.Pair) e).event().pair())
                .toList();
    }

    @Test
    void shouldDrawTheBestAgainstTheWorstCandidate() {
        var sample = sample(candidate(1, "one"), candidate(2, "two"), candidate(3, "three"));
        var pairs = drawn(sample, ranked(null, Map.of(1L, 0.5, 2L, 0.9, 3L, 0.7)));
        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).winner()).isEqualTo(Given.blob("two"));
        assertThat(pairs.get(0).loser()).isEqualTo(Given.blob("one"));
        assertThat(pairs.get(0).margin()).isCloseTo(0.4, org.assertj.core.data.Offset.offset(1e-9));
    }

    @Test
    void shouldDrawThePairOfOneModelWhoseCandidatesLieFarthestApart() {
        var sample =
                sample(
                        Given.ofModels("fox", List.of("near", "far"), 1L, 2L),
                        candidate(1, "one"),
                        candidate(2, "two"),
                        candidate(3, "three"),
                        candidate(4, "four"));
        var pairs = drawn(sample, ranked(null, Map.of(1L, 0.9, 2L, 0.8, 3L, 0.1, 4L, 0.3)));
        assertThat(pairs).hasSize(1);
        assertThat(pairs.get(0).winner()).isEqualTo(Given.blob("four"));
        assertThat(pairs.get(0).loser()).isEqualTo(Given.blob("three"));
        assertThat(pairs.get(0).configuration().model()).isEqualTo("far");
    }

    @Test
    void shouldDrawNoneOfWhatTeachesNothing() {
        var sample = sample(candidate(1, "one"), candidate(2, "two"));
        assertThat(drawn(sample, ranked(null, Map.of(1L, 0.5, 2L, 0.52)))).isEmpty();
        assertThat(drawn(sample, ranked("run-0", Map.of(1L, 0.5, 2L, 0.9)))).isEmpty();
        assertThat(drawn(sample(candidate(1, "one")), ranked(null, Map.of(1L, 0.5)))).isEmpty();
        var equal = sample(candidate(1, "one"), candidate(2, "one"));
        assertThat(drawn(equal, ranked(null, Map.of(1L, 0.5, 2L, 0.9)))).isEmpty();
    }
}
