package dev.reelrank.flow.work;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.Stages;
import org.junit.jupiter.api.Test;

final class WorkJudgeTest {
    private final WorkJudge judge = new WorkJudge(Limits.DEFAULT, Stages.STANDARD);
    private WorkState work =
            WorkState.waiting(new WorkRef("w", "r", "s", StageName.PROMPT, null, 0))
                    .opened(
                            0,
                            new PromptRequest("a ring", Given.blob("i"), PromptConfig.defaults()),
                            Given.NOW);

    @Test
    void shouldGiveUpAtOnceWhenItIsTheSamplesFault() {
        assertThat(fails("p1", FailureCode.UNREADABLE_IMAGE)).isInstanceOf(Verdict.Dead.class);
    }

    @Test
    void shouldGiveUpWhenTwoProcessesMeetTheSameInternalError() {
        assertThat(fails("p1", FailureCode.INTERNAL_ERROR)).isInstanceOf(Verdict.Again.class);
        assertThat(fails("p1", FailureCode.INTERNAL_ERROR)).isInstanceOf(Verdict.Again.class);
        assertThat(fails("p2", FailureCode.INTERNAL_ERROR)).isInstanceOf(Verdict.Dead.class);
    }

    @Test
    void shouldGiveUpForLackOfMemoryOnlyWhenTheItemWasAlone() {
        for (int i = 0; i < 3; i++) {
            assertThat(fails("p" + i, FailureCode.OUT_OF_DEVICE_MEMORY))
                    .isInstanceOf(Verdict.Again.class);
        }
        var alone =
                new WorkReport.Failed(
                        FailureCode.OUT_OF_DEVICE_MEMORY, "too large", null, null, true);
        assertThat(says("p9", alone)).isInstanceOf(Verdict.Dead.class);
    }

    @Test
    void shouldNeverBlameTheSampleForAnAbsentStore() {
        for (int i = 0; i < 40; i++) {
            assertThat(fails("p" + i, FailureCode.STORE_UNAVAILABLE))
                    .isInstanceOf(Verdict.Again.class);
        }
        assertThat(work.attempts()).hasSizeLessThan(10);
    }

    @Test
    void shouldEndEveryRetry() {
        int again = 0;
        while (fails("p1", FailureCode.INTERNAL_ERROR) instanceof Verdict.Again) {
            again++;
        }
        assertThat(again).isEqualTo(Limits.DEFAULT.failures() - 1);
    }

    @Test
    void shouldGiveUpMissingModelsEvenOnAFarmOfOne() {
        assertThat(fails("p1", FailureCode.MODEL_MISSING)).isInstanceOf(Verdict.Again.class);
        assertThat(fails("p1", FailureCode.MODEL_MISSING)).isInstanceOf(Verdict.Again.class);
        assertThat(fails("p1", FailureCode.MODEL_MISSING)).isInstanceOf(Verdict.Dead.class);
    }

    @Test
    void shouldTakeFiveStartsWithoutAnOutcomeForFiveDeaths() {
        for (int i = 1; i < 5; i++) {
            assertThat(starts("p" + i)).isInstanceOf(Verdict.Noted.class);
            assertThat(starts("p" + i)).isInstanceOf(Verdict.Ignored.class);
        }
        assertThat(starts("p5"))
                .isInstanceOfSatisfying(
                        Verdict.Dead.class,
                        d -> assertThat(d.code()).isEqualTo(FailureCode.CRASHED));
    }

    @Test
    void shouldForgetStartsAfterAReturn() {
        for (int i = 0; i < 20; i++) {
            assertThat(starts("p" + i)).isInstanceOf(Verdict.Noted.class);
            assertThat(says("p" + i, new WorkReport.Returned("drained")))
                    .isInstanceOf(Verdict.Again.class);
        }
    }

    @Test
    void shouldCountAReportThatCameTwiceOnce() {
        var report = Given.report(work.ref(), "p1", new WorkReport.Returned("drained"));
        assertThat(take(report)).isInstanceOf(Verdict.Again.class);
        assertThat(take(report)).isInstanceOf(Verdict.Ignored.class);
    }

    @Test
    void shouldNotTakeAnotherStagesResultForAnAnswer() {
        var wrong =
                new CandidateResult(
                        1, Given.blob("v"), 8, 8, 9, 8, 8, 4, 1, "euler", 5.0, "libx264", null);
        assertThat(says("p1", new WorkReport.Succeeded(Given.computation(), wrong)))
                .isInstanceOf(Verdict.Again.class);
        assertThat(says("p2", new WorkReport.Succeeded(Given.computation(), wrong)))
                .isInstanceOf(Verdict.Dead.class);
    }

    private Verdict fails(String process, FailureCode code) {
        return says(process, new WorkReport.Failed(code, "because", null, null, false));
    }

    private Verdict starts(String process) {
        return says(process, new WorkReport.Started());
    }

    private Verdict says(String process, WorkReport.Body body) {
        return take(Given.report(work.ref(), process, body));
    }

    private Verdict take(WorkReport report) {
        var verdict = judge.judge(work, report);
        if (verdict instanceof Verdict.Noted v) {
            work = v.work();
        } else if (verdict instanceof Verdict.Again v) {
            work = v.work().emittedAgain(Given.NOW);
        }
        return verdict;
    }
}
