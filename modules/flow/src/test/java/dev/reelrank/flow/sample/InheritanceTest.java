package dev.reelrank.flow.sample;

import static dev.reelrank.pipeline.StageName.CANDIDATE;
import static dev.reelrank.pipeline.StageName.GRADE;
import static dev.reelrank.pipeline.StageName.PROMPT;
import static dev.reelrank.pipeline.StageName.RANKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.Stages;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class InheritanceTest {
    private final List<StageFact> facts = finished().facts();

    @Test
    void shouldComputeOnlyWhatComesAfterTheInheritedFacts() {
        var walk = Walk.of(replay(facts.stream().filter(f -> before(f, RANKING)).toList(), null));
        assertThat(walk.facts())
                .hasSize(3)
                .allSatisfy(
                        f -> {
                            assertThat(f.inheritedFrom()).isEqualTo("run-1");
                            assertThat(f.work().runId()).isEqualTo("run-2");
                            assertThat(f.work().workId())
                                    .isEqualTo(
                                            Ids.workId(
                                                    "run-2",
                                                    "s1",
                                                    f.work().stage(),
                                                    f.work().seed()));
                        });
        assertThat(walk.items()).extracting(i -> i.work().stage()).containsExactly(RANKING);
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(1L, 2L);
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldBeDoneAtOnceWhenEverythingIsInherited() {
        var walk = Walk.of(replay(facts, null));
        assertThat(walk.items()).isEmpty();
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldNameTheRunInWhichAFactWasMadeHoweverOftenItIsInherited() {
        var second = Walk.of(replay(facts, null)).facts();
        var third = Walk.of(replay(second, null)).facts();
        assertThat(third).extracting(StageFact::inheritedFrom).containsOnly("run-1");
    }

    @Test
    void shouldGenerateOnlyTheSeedsThatAreMissingBeforeRanking() {
        var some =
                facts.stream()
                        .filter(f -> before(f, RANKING) && !Long.valueOf(2).equals(f.work().seed()))
                        .toList();
        var walk = Walk.of(replay(some, null));
        assertThat(walk.only(CANDIDATE).work().seed()).isEqualTo(2L);
    }

    @Test
    void shouldGenerateNothingWhenTheRankingIsInheritedToo() {
        var some =
                facts.stream()
                        .filter(f -> before(f, GRADE) && !Long.valueOf(1).equals(f.work().seed()))
                        .toList();
        var walk = Walk.of(replay(some, null));
        assertThat(walk.items()).extracting(i -> i.work().stage()).containsExactly(GRADE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.told().failures())
                .extracting(f -> f.code())
                .containsExactly(FailureCode.NO_CANDIDATE);
    }

    @Test
    void shouldRankAnewWhenTheWinnerIsNotInherited() {
        var some = facts.stream().filter(f -> !Long.valueOf(2).equals(f.work().seed())).toList();
        var walk = Walk.of(replay(some, null));
        assertThat(walk.facts(RANKING)).isEmpty();
        assertThat(walk.only(CANDIDATE).work().seed()).isEqualTo(2L);
    }

    @Test
    void shouldNotKeepCandidatesOfAnotherPrompt() {
        var walk = Walk.of(replay(facts, "other words"));
        assertThat(walk.facts(CANDIDATE)).isEmpty();
        assertThat(walk.open(CANDIDATE)).hasSize(2);
    }

    @Test
    void shouldKeepCandidatesOfTheSameEditedPrompt() {
        var walk = Walk.of(replay(facts, "written: a ring on a table"));
        assertThat(walk.items()).isEmpty();
    }

    @Test
    void shouldMakeAnInheritedCandidateAnewWhenItsVideoIsLost() {
        var walk = Walk.of(replay(facts.stream().filter(f -> before(f, RANKING)).toList(), null));
        var ranking = walk.only(RANKING);
        walk.report(
                Given.lost(
                        ranking,
                        ((RankingRequest) ranking.request()).candidates().get(1).workId()));
        assertThat(walk.only(CANDIDATE).work().seed()).isEqualTo(2L);
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    private static boolean before(StageFact fact, StageName stage) {
        return Stages.STANDARD.before(fact.work().stage(), stage);
    }

    private static Walk finished() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        return walk;
    }

    private static SampleSubmitted replay(List<StageFact> inherited, @Nullable String userPrompt) {
        var s = Given.sample("s1", 1L, 2L);
        return new SampleSubmitted(
                "run-2",
                "submission-2",
                "s1",
                s.originalPrompt(),
                s.image(),
                null,
                userPrompt,
                s.configuration(),
                inherited,
                Given.NOW);
    }
}
