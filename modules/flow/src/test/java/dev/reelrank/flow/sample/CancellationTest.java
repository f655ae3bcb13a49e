package dev.reelrank.flow.sample;

import static dev.reelrank.pipeline.StageName.CANDIDATE;
import static dev.reelrank.pipeline.StageName.GRADE;
import static dev.reelrank.pipeline.StageName.PROMPT;
import static dev.reelrank.pipeline.StageName.RANKING;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import org.junit.jupiter.api.Test;

final class CancellationTest {
    @Test
    void shouldEndASampleWithoutAskingForMore() {
        var walk = Walk.of(Given.sample("s1", 1L, 2L));
        walk.succeed(PROMPT);
        walk.report(Given.success(walk.seed(1)));
        int asked = walk.items().size();
        walk.cancel();
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
        assertThat(walk.told().failures())
                .singleElement()
                .extracting(SampleFailure::code, SampleFailure::message)
                .containsExactly(FailureCode.CANCELLED, "cancelled by Ada");
        assertThat(walk.dead()).extracting(DeadLetter::code).containsOnly(FailureCode.CANCELLED);
        assertThat(walk.items()).hasSize(asked);
    }

    @Test
    void shouldKeepWhatAWorkerFinishesAfterwardsAndNotGoOnWithIt() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT);
        var begun = walk.only(CANDIDATE);
        walk.cancel();
        walk.report(Given.success(begun));
        assertThat(walk.facts(CANDIDATE)).hasSize(1);
        assertThat(walk.open(RANKING)).isEmpty();
        assertThat(walk.told().status()).isEqualTo(Status.FAILED);
    }

    @Test
    void shouldGoOnAfterARetry() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT);
        walk.cancel();
        walk.retry();
        walk.succeed(CANDIDATE, RANKING, GRADE);
        assertThat(walk.told().status()).isEqualTo(Status.DONE);
        assertThat(walk.told().failures()).isEmpty();
        assertThat(walk.facts(PROMPT)).hasSize(1);
    }

    @Test
    void shouldChangeNothingOfASampleThatHasEnded() {
        var walk = Walk.of(Given.sample("s1", 1L));
        walk.succeed(PROMPT, CANDIDATE, RANKING, GRADE);
        var before = walk.state();
        int statuses = walk.of(Effect.SampleStatus.class).size();
        walk.cancel();
        assertThat(walk.state()).isEqualTo(before);
        assertThat(walk.of(Effect.SampleStatus.class)).hasSize(statuses);
    }
}
