package dev.reelrank.flow.sample;

import static dev.reelrank.pipeline.StageName.CANDIDATE;
import static dev.reelrank.pipeline.StageName.GRADE;
import static dev.reelrank.pipeline.StageName.PROMPT;
import static dev.reelrank.pipeline.StageName.RANKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.PromptLength;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.RankingRequest;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SampleFlowTest {
    @Test
    void shouldLeadASampleThroughAllStages() {
        var walk = Walk.of(Given.sample("s1", 3L, 1L, 2L));
        assertThat(walk.of(Effect.Sample.class)).hasSize(1);
        walk.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.facts())
                .extracting(f -> f.work().stage())
                .containsExactly(PROMPT, CANDIDATE, CANDIDATE, CANDIDATE, RANKING, GRADE);
        assertThat(walk.dead()).isEmpty();
    }

    @Test
    void shouldTryFurtherSeedsOneAfterAnotherWhileTheGateKeepsNone() {
        var walk = Walk.of(Given.withRetrySeeds(2, "s1", 3L, 1L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        walk.report(Given.success(walk.only(GRADE), Given.grade("reject")));
        assertThat(walk.told().status()).isEqualTo(Status.RUNNING);
        assertThat(((CandidateRequest) walk.only(CANDIDATE).request()).seed()).isEqualTo(4);
        walk.succeed(CANDIDATE);
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates())
                .extracting(c -> c.seed())
                .containsExactly(3L, 1L, 4L);
        walk.succeed(RANKING);
        walk.report(Given.success(walk.only(GRADE), Given.grade("review")));
        assertThat(((CandidateRequest) walk.only(CANDIDATE).request()).seed()).isEqualTo(5);
        walk.succeed(CANDIDATE, RANKING);
        walk.report(Given.success(walk.only(GRADE), Given.grade("review")));
        // No seed is left to try.
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.facts(CANDIDATE)).hasSize(4);
    }

    @Test
    void shouldTryNoFurtherSeedWhenTheGateKeepsOneOrIsNotAsked() {
        var kept = Walk.of(Given.withRetrySeeds(2, "s1", 3L));
        kept.succeed(PROMPT, CANDIDATE, RANKING);
        kept.report(Given.success(kept.only(GRADE), Given.grade("keep")));
        assertThat(kept.told().status()).isEqualTo(Status.DONE);
        var off = Walk.of(Given.sample("s1", 3L));
        off.succeed(PROMPT, CANDIDATE, RANKING);
        off.report(Given.success(off.only(GRADE), Given.grade("reject")));
        assertThat(off.told().status()).isEqualTo(Status.DONE);
        // A build that does not decide says nothing against a candidate.
        var undecided = Walk.of(Given.withRetrySeeds(2, "s1", 3L));
        undecided.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        assertThat(undecided.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldAskForOneCandidateASeedWithOnlyThatSeedInItsConfiguration() {
        var walk = Walk.of(Given.sample("s1", 3L, 1L));
        walk.succeed(PROMPT);
        assertThat(walk.open(CANDIDATE))
                .extracting(i -> (CandidateRequest) i.request())
                .allSatisfy(r -> assertThat(r.config().seeds()).containsExactly(r.seed()))
                .allSatisfy(r -> assertThat(r.prompt()).isEqualTo("written: a ring on a table"))
                .extracting(CandidateRequest::seed)
                .containsExactly(3L, 1L);
    }

    @Test
    void shouldAskEachOfSeveralModelsForAsManyCandidatesAndCompareThemAll() {
        var walk = Walk.of(Given.ofModels("s1", List.of("fox", "owl"), 3L, 1L));
        walk.succeed(PROMPT);
        assertThat(walk.open(CANDIDATE))
                .extracting(i -> (CandidateRequest) i.request())
                .allSatisfy(r -> assertThat(r.config().seeds()).containsExactly(r.seed()))
                .allSatisfy(r -> assertThat(r.config().models()).isEmpty())
                .extracting(r -> r.seed() + " " + r.config().model())
                .containsExactly("3 fox", "1 fox", "4 owl", "5 owl");
        walk.report(Given.successWith(walk.seed(3), "weights of fox"));
        walk.report(Given.successWith(walk.seed(1), "weights of fox"));
        walk.report(Given.successWith(walk.seed(4), "weights of owl"));
        walk.report(Given.successWith(walk.seed(5), "weights of owl"));
        var ranking = (RankingRequest) walk.only(RANKING).request();
        assertThat(ranking.candidates())
                .extracting(v -> v.seed() + " " + v.model())
                .containsExactly("3 fox", "1 fox", "4 owl", "5 owl");
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().failures()).isEmpty();
    }

    @Test
    void shouldAppendTheNegativeTermsToTheNegativePrompt() {
        var d = Given.configuration(1L);
        var p = PromptConfig.defaults();
        var terms =
                new PromptConfig(
                        p.mode(),
                        p.system(),
                        p.maxNewTokens(),
                        p.temperature(),
                        p.slowVerbs(),
                        p.prefix(),
                        List.of("ghost", "blur"),
                        p.autoWords(),
                        p.precision());
        var bare = new RunConfiguration(terms, d.candidate(), d.ranking(), d.grade());
        var own =
                new RunConfiguration(
                        terms, d.candidate().withNegativePrompt("text"), d.ranking(), d.grade());
        assertThat(negative(bare)).isEqualTo("ghost, blur");
        assertThat(negative(own)).isEqualTo("text, ghost, blur");
    }

    private static String negative(RunConfiguration configuration) {
        var walk = Walk.of(Given.sample("s1", "a ring", null, configuration, List.of()));
        walk.succeed(PROMPT);
        return ((CandidateRequest) walk.only(CANDIDATE).request()).config().negativePrompt();
    }

    @Test
    void shouldRankInTheOrderOfTheConfiguredSeedsWhateverTheOrderOfTheResults() {
        var walk = Walk.of(Given.sample("s1", 3L, 1L, 2L));
        walk.succeed(PROMPT);
        for (long seed : List.of(2L, 3L, 1L)) {
            walk.report(Given.success(walk.seed(seed)));
        }
        var request = (RankingRequest) walk.only(RANKING).request();
        assertThat(request.candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(3L, 1L, 2L);
        assertThat(request.originalPrompt()).isEqualTo("a ring on a table");
    }

    @Test
    void shouldGradeTheWinnerWithThePreferenceModelInForce() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        walk.preference = new PreferenceVersion(7, Given.blob("model"));
        walk.succeed(RANKING);
        var request = (GradeRequest) walk.only(GRADE).request();
        assertThat(request.preference()).isEqualTo(walk.preference);
        assertThat(request.video().seed()).isEqualTo(2L);
        assertThat(request.subject()).isEqualTo("ring");
        // Emitted again it is the same question, though a newer model is in force by now.
        walk.preference = new PreferenceVersion(8, Given.blob("newer"));
        walk.vanished(walk.only(GRADE));
        assertThat(walk.only(GRADE).request()).isEqualTo(request);
    }

    @Test
    void shouldWriteAFactOnceWhenResultsComeTwice() {
        var walk = Walk.of(Given.sample("s1", 1L));
        var prompt = walk.only(PROMPT);
        walk.report(Given.success(prompt, "p1"));
        walk.report(Given.success(prompt, "p2"));
        assertThat(walk.facts(PROMPT)).hasSize(1);
        assertThat(walk.facts(PROMPT).get(0).producer().processId()).isEqualTo("p1");
        assertThat(walk.items()).hasSize(2);
    }

    @Test
    void shouldFailTheSampleWhenItsPromptFails() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.report(Given.failure(walk.only(PROMPT), "p1", FailureCode.UNREADABLE_IMAGE));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.UNREADABLE_IMAGE);
        assertThat(walk.dead()).hasSize(1);
        assertThat(walk.dead().get(0).request()).isNotNull();
        assertThat(walk.state().open()).isEmpty();
    }

    @Test
    void shouldCompareOnlyEqualWeightsInARunThatWasContinuedWithOtherModelFiles() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.successWith(walk.seed(1), "of the old files"));
        // The user stops the run and continues it with other --model files.
        walk.report(Given.successWith(walk.seed(2), "of the new files"));
        walk.report(Given.successWith(walk.seed(3), "of the new files"));

        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(2L, 3L);
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.told().failures())
                .singleElement()
                .satisfies(
                        f -> {
                            assertThat(f.seed()).isEqualTo(1L);
                            assertThat(f.code()).isEqualTo(FailureCode.MODEL_MISMATCH);
                            assertThat(f.message()).contains("other weights", "of the old f");
                        });

        walk.retry();
        for (long seed : List.of(1L, 2L, 3L)) {
            walk.report(Given.successWith(walk.seed(seed), "of the new files"));
        }
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates()).hasSize(3);
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.told().failures()).isEmpty();
    }

    @Test
    void shouldRankTheRestWhenASeedFails() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE);
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(2L, 3L);
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.told().failures()).extracting(f -> f.seed()).containsExactly(1L);
    }

    @Test
    void shouldFailTheSampleWhenAllSeedsFail() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        for (var item : walk.open(CANDIDATE)) {
            walk.report(Given.failure(item, "p1", FailureCode.UNREADABLE_IMAGE));
        }
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.told().failures()).hasSize(2);
    }

    @Test
    void shouldFailTheSampleButKeepItsCandidatesWhenRankingFails() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        walk.report(Given.failure(walk.only(RANKING), "p1", FailureCode.UNREADABLE_VIDEO));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.facts(CANDIDATE)).hasSize(2);
    }

    @Test
    void shouldEndWellWithoutAGradeWhenGradingFails() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        walk.report(Given.failure(walk.only(GRADE), "p1", FailureCode.UNREADABLE_VIDEO));
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().failures()).extracting(f -> f.stage()).containsExactly(GRADE);
        assertThat(walk.facts(GRADE)).isEmpty();
    }

    @Test
    void shouldRecordALateSuccessAndChangeNothing() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        var late = walk.seed(1);
        walk.report(Given.failure(late, "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, RANKING, GRADE);
        var told = walk.told();
        var items = walk.items().size();
        walk.report(Given.success(late, "p2"));
        walk.report(Given.success(late, "p3"));
        assertThat(walk.told()).isEqualTo(told);
        assertThat(walk.items()).hasSize(items);
        assertThat(walk.facts(CANDIDATE)).extracting(f -> f.work().seed()).containsExactly(2L, 1L);
    }

    @Test
    void shouldUseALateSuccessInARetry() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        var late = walk.seed(1);
        walk.report(Given.failure(late, "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, RANKING, GRADE);
        walk.report(Given.success(late, "p2"));
        walk.retry();
        assertThat(walk.open(CANDIDATE)).isEmpty();
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates()).hasSize(2);
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.told().epoch()).isEqualTo(1);
        assertThat(walk.facts(CANDIDATE)).hasSize(2);
    }

    @Test
    void shouldReuseWhatSucceededInARetryAndRankAndGradeAgain() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, RANKING, GRADE);
        walk.retry();
        assertThat(walk.told().status()).isEqualTo(Status.RUNNING);
        assertThat(walk.only(CANDIDATE).work().seed()).isEqualTo(1L);
        assertThat(walk.only(CANDIDATE).work().epoch()).isEqualTo(1);
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.facts(RANKING)).extracting(f -> f.work().epoch()).containsExactly(0, 1);
        assertThat(walk.facts(GRADE)).extracting(f -> f.work().epoch()).containsExactly(0, 1);
    }

    @Test
    void shouldCountASuccessOfAnEarlierEpochWhileThatWorkIsOpen() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT);
        var first = walk.only(CANDIDATE);
        walk.report(Given.failure(first, "p1", FailureCode.UNREADABLE_IMAGE));
        walk.retry();
        var second = walk.only(CANDIDATE);
        walk.report(Given.success(first, "p1"));
        assertThat(walk.facts(CANDIDATE)).extracting(f -> f.work().epoch()).containsExactly(1);
        walk.report(Given.success(second, "p2"));
        assertThat(walk.facts(CANDIDATE)).hasSize(1);
        assertThat(walk.open(RANKING)).hasSize(1);
    }

    @Test
    void shouldNotTakeARankingOfFewerCandidatesForTheOneOfTheReopenedJoin() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE);
        var partial = walk.only(RANKING);
        walk.retry();
        walk.report(Given.success(partial, "p1"));
        walk.succeed(CANDIDATE);
        walk.report(Given.success(partial, "p2"));
        assertThat(walk.facts(RANKING)).isEmpty();
        walk.succeed(RANKING);
        assertThat(walk.facts(RANKING)).extracting(f -> f.work().epoch()).containsExactly(1);
    }

    @Test
    void shouldIgnoreFailuresOfAnEarlierEpoch() {
        var walk = Walk.of(Given.sample("s1", 1L));
        var first = walk.only(PROMPT);
        walk.report(Given.failure(first, "p1", FailureCode.UNREADABLE_IMAGE));
        walk.retry();
        walk.report(Given.failure(first, "p2", FailureCode.UNREADABLE_IMAGE));
        walk.report(Given.report(first.work(), "p2", new WorkReport.Returned("drained")));
        assertThat(walk.told().status()).isEqualTo(Status.RUNNING);
        assertThat(walk.items()).hasSize(2);
    }

    @Test
    void shouldDoNothingInARetryOfWhatDidNotFail() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.retry();
        walk.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        walk.retry();
        assertThat(walk.told().epoch()).isZero();
        assertThat(walk.items()).hasSize(4);
    }

    @Test
    void shouldTryAgainWhenAFailedSampleIsSubmittedAgain() {
        var sample = Given.sample("s1", 1L);
        var walk = Walk.of(sample);
        walk.report(Given.failure(walk.only(PROMPT), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.submit(Given.again(sample, "submission-2"));
        assertThat(walk.told().status()).isEqualTo(Status.RUNNING);
        assertThat(walk.only(PROMPT).work().epoch()).isEqualTo(1);
        assertThat(walk.of(Effect.Sample.class)).hasSize(1);
    }

    @Test
    void shouldNotTryAgainWhenTheSameSubmissionIsResumed() {
        var sample = Given.sample("s1", 1L);
        var walk = Walk.of(sample);
        walk.report(Given.failure(walk.only(PROMPT), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.submit(sample);
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        walk.submit(Given.again(sample, "submission-2"));
        walk.report(Given.failure(walk.only(PROMPT), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.submit(Given.again(sample, "submission-2"));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().epoch()).isEqualTo(1);
    }

    @Test
    void shouldTakeASampleThatIsSubmittedTwiceForOne() {
        var sample = Given.sample("s1", 1L);
        var walk = Walk.of(sample);
        walk.submit(sample);
        walk.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        walk.submit(sample);
        assertThat(walk.items()).hasSize(4);
        assertThat(walk.of(Effect.Sample.class)).hasSize(1);
        // The run hears of each submission, so that each can count its samples.
        assertThat(walk.of(Effect.News.class).stream().filter(n -> n.news().submissionId() != null))
                .hasSize(3);
    }

    @Test
    void shouldMakeALostInputAnewAndGoOn() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        var ranking = walk.only(RANKING);
        var lost = ((RankingRequest) ranking.request()).candidates().get(0).workId();
        walk.report(Given.lost(ranking, lost));
        assertThat(walk.only(CANDIDATE).work().workId()).isEqualTo(lost);
        assertThat(walk.only(CANDIDATE).work().epoch()).isEqualTo(1);
        assertThat(walk.open(RANKING)).isEmpty();
        walk.report(Given.lost(ranking, lost));
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().epoch()).isEqualTo(1);
        assertThat(walk.dead()).isEmpty();
    }

    @Test
    void shouldFailTheSampleAfterTwoRepairs() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        for (int i = 0; i < 3; i++) {
            var grade = walk.only(GRADE);
            walk.report(Given.lost(grade, ((GradeRequest) grade.request()).video().workId()));
            walk.succeed(CANDIDATE, RANKING);
        }
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.INPUT_LOST);
        assertThat(walk.state().open()).isEmpty();
        walk.retry();
        assertThat(walk.told().status()).isEqualTo(Status.RUNNING);
        walk.succeed(GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldFailTheSampleWhenItsImageIsLost() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.report(Given.lost(walk.only(PROMPT), null));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.INPUT_LOST);
    }

    @Test
    void shouldTakeAnEditedPromptWithoutAskingAModel() {
        var walk =
                Walk.of(
                        Given.sample(
                                "s1",
                                "a ring",
                                "my own words",
                                Given.configuration(1L),
                                List.of()));
        assertThat(walk.open(PROMPT)).isEmpty();
        assertThat(walk.facts(PROMPT)).hasSize(1);
        assertThat(((CandidateRequest) walk.only(CANDIDATE).request()).prompt())
                .isEqualTo("my own words");
    }

    @Test
    void shouldFailAtOnceWithoutAPrompt() {
        var walk = Walk.of(Given.sample("s1", " \n", null, Given.configuration(1L), List.of()));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.EMPTY_PROMPT);
        walk.retry();
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void shouldRefuseAPromptThatSomebodyPastedABookInto() {
        var walk =
                Walk.of(
                        Given.sample(
                                "s1",
                                "a" + " ".repeat(PromptLength.LONGEST) + "fox",
                                null,
                                Given.configuration(1L),
                                List.of()));
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.PROMPT_TOO_LONG);
        assertThat(walk.told().failure().message()).contains("16388 characters");
        assertThat(walk.items()).isEmpty();
    }

    @Test
    void shouldRefuseAnIdThatCouldLeaveItsFolder() {
        var walk = Walk.of(Given.sample("../s1", 1L));
        assertThat(walk.told().failure().code()).isEqualTo(FailureCode.INVALID_SAMPLE_ID);
        assertThat(walk.items()).isEmpty();
    }

    @Test
    void shouldPutWorkThatVanishedOnItsQueueAgain() {
        var walk = Walk.of(Given.sample("s1", 1L));
        var first = walk.only(PROMPT);
        walk.vanished(first);
        var second = walk.only(PROMPT);
        assertThat(second.emission()).isEqualTo(2);
        assertThat(second.work()).isEqualTo(first.work());
        walk.succeed(PROMPT);
        walk.vanished(first);
        assertThat(walk.items())
                .extracting(i -> i.work().stage())
                .containsExactly(PROMPT, PROMPT, CANDIDATE);
    }

    @Test
    void shouldAnswerARetryAfterThePayloadWasRemovedWithoutStartingAnew() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.report(Given.failure(walk.only(PROMPT), "p1", FailureCode.UNREADABLE_IMAGE));
        var late = walk.items().get(0);
        walk.state = walk.state().withoutPayload();
        var cause = walk.told().failure();
        walk.retry();
        walk.submit(Given.sample("s1", 1L));
        walk.report(Given.success(late));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().epoch()).isZero();
        assertThat(walk.told().failure()).isEqualTo(cause);
        assertThat(walk.told().failures().get(0).message()).contains("use replay");
        assertThat(walk.told().failures()).hasSize(2);
        assertThat(walk.items()).hasSize(1);
        assertThat(walk.facts()).isEmpty();
    }
}
