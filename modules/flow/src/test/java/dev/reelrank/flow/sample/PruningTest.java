package dev.reelrank.flow.sample;

import static dev.reelrank.pipeline.StageName.CANDIDATE;
import static dev.reelrank.pipeline.StageName.GRADE;
import static dev.reelrank.pipeline.StageName.PROMPT;
import static dev.reelrank.pipeline.StageName.RANKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.LostTime;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Only the best candidates of a sample are finished. */
final class PruningTest {
    @Test
    void shouldDraftAllCompareThemAndFinishTheBest() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        assertThat(requests(walk))
                .allSatisfy(r -> assertThat(r.pauseAfter()).isEqualTo(2))
                .extracting(CandidateRequest::seed)
                .containsExactly(1L, 2L, 3L);
        walk.succeed(CANDIDATE);
        var compare = (RankingRequest) walk.only(RANKING).request();
        assertThat(compare.keep()).as("all are put in order").isEqualTo(3);
        assertThat(compare.candidates())
                .extracting(CandidateVideo::video)
                .containsExactly(
                        Given.blob("preview 1"), Given.blob("preview 2"), Given.blob("preview 3"));
        assertThat(walk.told().stage()).as("it has no ranking yet").isEqualTo(CANDIDATE);
        walk.succeed(RANKING);
        var finish = requests(walk).get(0);
        assertThat(requests(walk)).hasSize(1);
        assertThat(finish.seed()).isEqualTo(3L);
        assertThat(finish.pauseAfter()).isNull();
        walk.succeed(CANDIDATE);
        var ranking = (RankingRequest) walk.only(RANKING).request();
        assertThat(ranking.keep()).isNull();
        assertThat(ranking.candidates())
                .extracting(CandidateVideo::video)
                .containsExactly(Given.blob("video 3"));
        walk.succeed(RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).as("pruned is not failed").isFalse();
        assertThat(walk.told().failures()).isEmpty();
        assertThat(walk.facts(CANDIDATE)).hasSize(4);
        assertThat(walk.facts(RANKING))
                .extracting(f -> f.result().preliminary())
                .containsExactly(true, false);
    }

    @Test
    void shouldAskTheSameOfAFinishedCandidateWithAndWithoutPruning() {
        var pruned = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        pruned.succeed(PROMPT, CANDIDATE, RANKING);
        var whole = Walk.of(Given.sample("s1", 1L, 2L));
        whole.succeed(PROMPT);
        assertThat(InputKey.of(1, pruned.seed(2).request(), "f", "fp32"))
                .isEqualTo(InputKey.of(1, whole.seed(2).request(), "f", "fp32"));
    }

    @Test
    void shouldAskTheSameOfDraftsAndTheirComparisonHoweverManyAreKept() {
        var one = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        var two = Walk.of(Given.pruned("s1", 2, 2, 1L, 2L, 3L));
        one.succeed(PROMPT);
        two.succeed(PROMPT);
        assertThat(key(one.seed(1))).isEqualTo(key(two.seed(1)));
        one.succeed(CANDIDATE);
        two.succeed(CANDIDATE);
        assertThat(key(one.only(RANKING))).isEqualTo(key(two.only(RANKING)));
        one.succeed(RANKING);
        two.succeed(RANKING);
        assertThat(requests(one)).extracting(CandidateRequest::seed).containsExactly(3L);
        assertThat(requests(two)).extracting(CandidateRequest::seed).containsExactly(2L, 3L);
    }

    @Test
    void shouldNotTakeTheRankingOfVideosForAComparisonOfDrafts() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        var drafts = (RankingRequest) walk.only(RANKING).request();
        var videos =
                new RankingRequest(
                        drafts.originalPrompt(),
                        drafts.prompt(),
                        drafts.subject(),
                        drafts.image(),
                        drafts.candidates(),
                        drafts.config());
        assertThat(InputKey.of(1, drafts, "f", "fp32"))
                .isNotEqualTo(InputKey.of(1, videos, "f", "fp32"));
    }

    private static String key(WorkItem item) {
        return InputKey.of(1, item.request(), "f", "fp32");
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 100})
    void shouldFinishAllWhereNoneIsTooMany(int keep) {
        var walk = Walk.of(Given.pruned("s1", 2, keep, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        assertThat(requests(walk)).hasSize(3);
        assertThat(requests(walk)).allSatisfy(r -> assertThat(r.pauseAfter()).isNull());
    }

    @Test
    void shouldGoOnWithTheOnlyDraftThatIsLeft() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.report(Given.failure(walk.seed(3), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.told().failures()).extracting(SampleFailure::seed).containsExactly(1L, 3L);
        assertThat(walk.facts(RANKING)).as("nothing was there to compare it with").hasSize(1);
    }

    @Test
    void shouldCompareTheOthersWhenADraftFails() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(3), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, RANKING);
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(2L);
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.told().failures()).extracting(SampleFailure::seed).containsExactly(3L);
    }

    @Test
    void shouldNotCompareAsFewAsAreKept() {
        var walk = Walk.of(Given.pruned("s1", 2, 2, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE);
        assertThat(walk.open(RANKING)).isEmpty();
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(2L, 3L);
    }

    @Test
    void shouldFinishTheNextBestInThePlaceOfOneThatFails() {
        var walk = Walk.of(Given.pruned("s1", 2, 2, 1L, 2L, 3L, 4L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(3L, 4L);
        walk.report(Given.failure(walk.seed(4), "p1", FailureCode.UNREADABLE_IMAGE));
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(3L, 2L);
        walk.report(Given.failure(walk.seed(2), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isTrue();
        assertThat(walk.facts(CANDIDATE))
                .filteredOn(f -> !f.result().preliminary())
                .extracting(f -> f.work().seed())
                .containsExactlyInAnyOrder(1L, 3L);
    }

    @Test
    void shouldFailWhenNoDraftCanBeFinished() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        for (long seed : new long[] {3, 2, 1}) {
            walk.report(Given.failure(walk.seed(seed), "p1", FailureCode.UNREADABLE_IMAGE));
        }
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failures()).hasSize(3);
    }

    @Test
    void shouldRetryTheKeptOneAndLeaveTheNextBestAsItIs() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT, CANDIDATE, RANKING);
        walk.report(Given.failure(walk.seed(3), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.retry();
        assertThat(requests(walk))
                .as("one is under way, the other is asked for again")
                .extracting(CandidateRequest::seed)
                .containsExactlyInAnyOrder(2L, 3L);
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(((RankingRequest) last(walk).request()).candidates()).hasSize(2);
    }

    private static WorkItem last(Walk walk) {
        return walk.items().stream()
                .filter(item -> item.work().stage().equals(RANKING))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    @Test
    void shouldTakeOverARunInWhichTheNextBestWasFinished() {
        var first = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        first.succeed(PROMPT, CANDIDATE, RANKING);
        first.report(Given.failure(first.seed(3), "p1", FailureCode.UNREADABLE_IMAGE));
        first.report(Given.failure(first.seed(2), "p1", FailureCode.UNREADABLE_IMAGE));
        first.succeed(CANDIDATE, RANKING, GRADE);
        var second = Walk.of(inheriting(first, first.facts()));
        assertThat(second.told().status()).isEqualTo(Status.DONE);
        assertThat(second.items()).isEmpty();
        assertThat(second.told().failures())
                .extracting(SampleFailure::seed)
                .containsExactlyInAnyOrder(2L, 3L);
    }

    @Test
    void shouldFailWhenAllDraftsFail() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT);
        walk.report(Given.failure(walk.seed(1), "p1", FailureCode.UNREADABLE_IMAGE));
        walk.report(Given.failure(walk.seed(2), "p1", FailureCode.UNREADABLE_IMAGE));
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void shouldFinishAllWhenTheyCannotBeCompared() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        walk.report(Given.failure(walk.only(RANKING), "p1", FailureCode.UNREADABLE_VIDEO));
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(1L, 2L);
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().partial()).isFalse();
        assertThat(walk.told().failures())
                .extracting(SampleFailure::code)
                .containsExactly(FailureCode.UNREADABLE_VIDEO);
    }

    @Test
    void shouldFinishWithoutComparingADraftOfOtherWeights() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        walk.succeed(PROMPT);
        walk.report(Given.successWith(walk.seed(1), "other"));
        walk.succeed(CANDIDATE);
        assertThat(((RankingRequest) walk.only(RANKING).request()).candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(2L, 3L);
        walk.succeed(RANKING);
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(1L, 3L);
    }

    @Test
    void shouldDraftAgainWhatIsLostBeforeItIsCompared() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT);
        String draft = walk.seed(1).work().workId();
        walk.succeed(CANDIDATE);
        walk.report(Given.lost(walk.only(RANKING), draft));
        assertThat(requests(walk)).extracting(CandidateRequest::seed).containsExactly(1L);
        walk.succeed(CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldAskNothingOfAReplayThatInheritsAll() {
        var first = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        first.succeed(PROMPT, CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        var second = Walk.of(inheriting(first, first.facts()));
        assertThat(second.items()).isEmpty();
        assertThat(second.told().status()).isEqualTo(Status.DONE);
        assertThat(second.told().failures()).isEmpty();

        var ranked = Walk.of(inheriting(first, first.facts().subList(0, 6)));
        assertThat(ranked.open(CANDIDATE)).isEmpty();
        assertThat(((RankingRequest) ranked.only(RANKING).request()).keep()).isNull();
    }

    @Test
    void shouldOnlyFinishTheNextBestWhenAReplayKeepsMore() {
        var first = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        first.succeed(PROMPT, CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        var second = Walk.of(inheriting(Given.pruned("s1", 2, 2, 1L, 2L, 3L), first));
        assertThat(second.open(RANKING)).isEmpty();
        assertThat(requests(second)).extracting(CandidateRequest::seed).containsExactly(2L);
    }

    /** Earlier versions wrote only those that went on. */
    @Test
    void shouldTakeOverAComparisonThatNamesOnlyTheKeptOne() {
        var first = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        first.succeed(PROMPT, CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        var facts = new ArrayList<>(first.facts().subList(0, 6));
        facts.replaceAll(
                f ->
                        f.result() instanceof RankingResult r
                                ? new StageFact(
                                        f.work(),
                                        f.producer(),
                                        f.computation(),
                                        ordered(r, List.of(3L)),
                                        null,
                                        f.at())
                                : f);
        var s = Given.pruned("s1", 2, 2, 1L, 2L, 3L);
        var second =
                Walk.of(Given.sample("s1", s.originalPrompt(), null, s.configuration(), facts));
        assertThat(second.open(RANKING)).isEmpty();
        assertThat(requests(second))
                .as("of equal composites the one that stands first")
                .extracting(CandidateRequest::seed)
                .containsExactly(1L);
    }

    @Test
    void shouldCompareAgainWhenAReplayHasMoreSeeds() {
        var first = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L, 3L));
        first.succeed(PROMPT, CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        var second = Walk.of(inheriting(Given.pruned("s1", 2, 1, 1L, 2L, 3L, 4L), first));
        assertThat(requests(second))
                .allSatisfy(r -> assertThat(r.pauseAfter()).isEqualTo(2))
                .extracting(CandidateRequest::seed)
                .containsExactly(4L);
        second.succeed(CANDIDATE);
        assertThat(((RankingRequest) second.only(RANKING).request()).candidates())
                .extracting(CandidateVideo::seed)
                .containsExactly(1L, 2L, 3L, 4L);
    }

    /** Without its ranking and grade. */
    private static SampleSubmitted inheriting(SampleSubmitted s, Walk first) {
        return Given.sample(
                "s1", s.originalPrompt(), null, s.configuration(), first.facts().subList(0, 6));
    }

    @Test
    void shouldGiveUpWhatIsOpenWhenItIsCancelled() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT);
        walk.cancel();
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.dead()).hasSize(2);
        walk.retry();
        walk.succeed(CANDIDATE, RANKING, CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldTellTheTimeOfAttemptsThatCameToNothing() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT);
        walk.report(lost(walk.seed(1), new WorkReport.Returned("the worker ends", 700)));
        walk.report(
                lost(
                        walk.seed(1),
                        new WorkReport.Failed(
                                FailureCode.INTERNAL_ERROR, "broken", null, null, false, 300)));
        assertThat(walk.told().lost()).containsExactly(new LostTime(CANDIDATE, "cpu", 2, 1000));
    }

    private static WorkReport lost(WorkItem item, WorkReport.Body body) {
        return Given.report(item.work(), "p1", body);
    }

    @Test
    void shouldTakeAResultThatDoesNotOrderAllForAMistake() {
        var walk = Walk.of(Given.pruned("s1", 2, 1, 1L, 2L));
        walk.succeed(PROMPT, CANDIDATE);
        var item = walk.only(RANKING);
        var right = (RankingResult) Given.answer(item.request());
        var wrong = ordered(right, List.of());
        assertThat(item.request().mismatch(right)).isNull();
        assertThat(item.request().mismatch(wrong)).contains("the result has []");
        assertThat(item.request().mismatch(ordered(right, List.of(2L, 2L))))
                .contains("the result has [2, 2]");
    }

    private static RankingResult ordered(RankingResult r, List<Long> seeds) {
        return new RankingResult(
                r.subject(),
                r.subjectGroup(),
                r.mask(),
                r.candidates(),
                r.winner(),
                r.spread(),
                null,
                null,
                seeds);
    }

    private static SampleSubmitted inheriting(Walk first, List<StageFact> facts) {
        var s = java.util.Objects.requireNonNull(first.state().submission());
        return Given.sample("s1", s.originalPrompt(), null, s.configuration(), facts);
    }

    private static List<CandidateRequest> requests(Walk walk) {
        return walk.open(CANDIDATE).stream().map(i -> (CandidateRequest) i.request()).toList();
    }
}
