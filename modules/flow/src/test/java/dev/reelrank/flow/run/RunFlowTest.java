package dev.reelrank.flow.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RunFlowTest {
    private final RunFlow flow = new RunFlow();
    private final Map<String, SampleMark> marks = new HashMap<>();
    private final List<RunUpdated> told = new ArrayList<>();
    private @Nullable RunState state;

    @Test
    void shouldBeDoneWhenClosedAndEverySampleIsTerminal() {
        open();
        news("a", "s1", Status.RUNNING);
        news("b", "s1", Status.RUNNING);
        news("a", null, Status.DONE);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.OPEN);
        close("s1", 2);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);
        news("b", null, Status.FAILED);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
        assertThat(last().expected()).isEqualTo(2);
        assertThat(last().done()).isEqualTo(1);
        assertThat(last().failed()).isEqualTo(1);
    }

    @Test
    void shouldWaitForSamplesThatWereCountedButHaveNotComeYet() {
        open();
        close("s1", 2);
        assertThat(last().expected()).isEqualTo(2);
        news("a", "s1", Status.DONE);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);
        news("b", "s1", Status.DONE);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
    }

    @Test
    void shouldReopenForARetry() {
        open();
        news("a", "s1", Status.FAILED);
        close("s1", 1);
        news("a", null, Status.RUNNING);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);
        assertThat(last().failed()).isZero();
        news("a", null, Status.DONE);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
    }

    @Test
    void shouldCountASampleOfTwoSubmissionsOnce() {
        open();
        news("a", "s1", Status.DONE);
        news("b", "s1", Status.DONE);
        close("s1", 2);
        news("b", "s2", Status.DONE);
        news("c", "s2", Status.RUNNING);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.OPEN);
        close("s2", 2);
        assertThat(last().expected()).isEqualTo(3);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);
        news("c", null, Status.DONE);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
    }

    @Test
    void shouldNotWaitForASubmissionThatDiedOnceAllItSentWasSentAgain() {
        open();
        news("a", "died", Status.DONE);
        news("a", "s2", Status.DONE);
        news("b", "s2", Status.DONE);
        close("s2", 2);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
    }

    @Test
    void shouldNameASubmissionOnceAllItSentIsCounted() {
        open();
        news("a", "s1", Status.DONE);
        close("s1", 1);
        assertThat(last().submissions()).containsExactly("s1");
        close("s2", 2);
        assertThat(last().submissions()).containsExactly("s1");
        news("b", "s2", Status.RUNNING);
        // One that is done already is counted as well when it is sent again.
        news("a", "s2", Status.DONE);
        assertThat(last().submissions()).containsExactly("s1", "s2");
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);
    }

    @Test
    void shouldBeDoneWithoutSamples() {
        open();
        close("s1", 0);
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
    }

    @Test
    void shouldSayNothingBeforeItIsOpenedAndNothingTwice() {
        news("a", "s1", Status.DONE);
        close("s1", 1);
        assertThat(told).isEmpty();
        open();
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
        open();
        close("s1", 1);
        news("a", "s1", Status.DONE);
        assertThat(told).hasSize(1);
    }

    /** Events of different samples come in any order; each sample's own stay in order. */
    @Property(tries = 300)
    void shouldEndAlikeInAnyOrderOfEvents(@ForAll long chance) {
        state = null;
        marks.clear();
        told.clear();
        var random = new Random(chance);
        int samples = 1 + random.nextInt(6);
        var queues = new ArrayList<List<Runnable>>();
        queues.add(new ArrayList<>(List.of(this::open)));
        queues.add(new ArrayList<>(List.of(() -> close("s1", samples))));
        int failed = 0;
        for (int i = 0; i < samples; i++) {
            var id = "x" + i;
            var end = random.nextBoolean() ? Status.DONE : Status.FAILED;
            failed += end == Status.FAILED ? 1 : 0;
            var events = new ArrayList<Runnable>();
            events.add(() -> news(id, "s1", Status.RUNNING));
            if (random.nextBoolean()) {
                events.add(() -> news(id, null, Status.FAILED));
                events.add(() -> news(id, null, Status.RUNNING));
                events.add(() -> news(id, "s1", Status.RUNNING));
            }
            events.add(() -> news(id, null, end));
            queues.add(events);
        }
        while (!queues.isEmpty()) {
            Collections.shuffle(queues, random);
            queues.get(0).remove(0).run();
            queues.removeIf(List::isEmpty);
        }
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DONE);
        assertThat(last().expected()).isEqualTo(samples);
        assertThat(last().failed()).isEqualTo(failed);
        assertThat(last().done()).isEqualTo(samples - failed);
    }

    @Test
    void shouldDeleteARunOnceNoSampleOfItIsUnderWay() {
        open();
        news("a", "s1", Status.RUNNING);
        close("s1", 1);
        delete();
        assertThat(last().status()).isEqualTo(RunUpdated.Status.CLOSED);

        news("a", null, Status.DONE);
        delete();
        assertThat(last().status()).isEqualTo(RunUpdated.Status.DELETED);

        int said = told.size();
        open();
        news("b", "s2", Status.RUNNING);
        close("s2", 1);
        delete();
        assertThat(told).as("nothing brings it back").hasSize(said);
    }

    @Test
    void shouldDeleteNoRunThatThereIsNot() {
        delete();
        assertThat(told).isEmpty();
    }

    private void delete() {
        take(flow.deleted(state, new RunDeleted("r", "somebody", Given.NOW), Given.NOW));
    }

    private void open() {
        take(
                flow.opened(
                        state,
                        new RunOpened("r", Given.configuration(1L), null, Given.NOW),
                        Given.NOW));
    }

    private void close(String submission, int count) {
        take(flow.closed(state, new RunClosed("r", submission, count, Given.NOW), Given.NOW));
    }

    private void news(String sample, @Nullable String submission, Status status) {
        var step =
                flow.sample(
                        state,
                        marks.get(sample),
                        new SampleNews("r", sample, submission, status, false),
                        Given.NOW);
        marks.put(sample, step.mark());
        take(step.run());
    }

    private void take(Decision<RunState> decision) {
        state = decision.state();
        for (var effect : decision.effects()) {
            if (effect instanceof Effect.RunStatus status) {
                told.add(status.event());
            }
        }
    }

    private RunUpdated last() {
        return told.get(told.size() - 1);
    }
}
