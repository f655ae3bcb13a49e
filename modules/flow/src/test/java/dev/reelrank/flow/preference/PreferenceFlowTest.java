package dev.reelrank.flow.preference;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.work.Limits;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.TuneConfig;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.event.TuneRequested;
import dev.reelrank.pipeline.event.TuneReset;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.stage.TuneRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PreferenceFlowTest {
    private final PreferenceFlow flow =
            new PreferenceFlow(
                    new WorkJudge(Limits.DEFAULT, Stages.STANDARD),
                    5,
                    TuneConfig.defaults(),
                    new AutoAligns(
                            List.of(
                                    new AutoAlign(
                                            "smooth",
                                            2,
                                            0,
                                            List.of("selections"),
                                            AlignConfig.defaults()))));
    private final List<Effect> written = new ArrayList<>();
    private @Nullable PreferenceState state;

    @Test
    void shouldTrainAfterFiveNewSelections() {
        select(0, 4);
        assertThat(items()).isEmpty();
        select(3, 5);
        assertThat(items()).hasSize(1);
        assertThat(request(0).pairs()).hasSize(5);
        assertThat(request(0).parent().version()).isZero();
    }

    @Test
    void shouldHaveAtMostOneTrainingOutstanding() {
        select(0, 12);
        assertThat(items()).hasSize(1);
        report(Given.success(items().get(0)));
        // Seven more had come meanwhile.
        assertThat(items()).hasSize(2);
        assertThat(request(1).pairs()).hasSize(12);
        assertThat(request(1).parent().version()).isEqualTo(1);
        report(Given.success(items().get(1)));
        assertThat(items()).hasSize(2);
    }

    @Test
    void shouldPutTheNewVersionInForceOnce() {
        select(0, 5);
        report(Given.success(items().get(0)));
        report(Given.success(items().get(0)));
        assertThat(of(Effect.Fact.class)).hasSize(1);
        assertThat(of(Effect.Standards.class)).hasSize(1);
        assertThat(state().current().version()).isEqualTo(1);
        assertThat(state().standards().lossTrend()).containsExactly(0.6);
    }

    @Test
    void shouldTrainOnRequestAndAfterwardsIfOneIsUnderWay() {
        request();
        assertThat(items()).isEmpty();
        select(0, 1);
        request();
        assertThat(items()).hasSize(1);
        request();
        request();
        assertThat(items()).hasSize(1);
        report(Given.success(items().get(0)));
        assertThat(items()).hasSize(2);
        report(Given.success(items().get(1)));
        assertThat(items()).hasSize(2);
    }

    @Test
    void shouldGoBackToAnEarlierVersionAndNotWaitForTheTrainingUnderWay() {
        select(0, 5);
        report(Given.success(items().get(0)));
        select(5, 10);
        reset(0);
        assertThat(state().current().version()).isZero();
        report(Given.success(items().get(1)));
        assertThat(state().current().version()).isZero();
        reset(1);
        assertThat(state().current())
                .isEqualTo(of(Effect.Standards.class).get(0).event().preference());
        reset(9);
        assertThat(state().current().version()).isEqualTo(1);
    }

    @Test
    void shouldGiveEveryTrainingItsOwnFactEvenOnTheSamePairs() {
        select(0, 1);
        request();
        reset(0);
        request();
        report(Given.success(items().get(0)));
        assertThat(of(Effect.Fact.class)).isEmpty();
        report(Given.success(items().get(1)));
        assertThat(of(Effect.Fact.class)).hasSize(1);
        assertThat(items().get(0).work().workId()).isEqualTo(items().get(1).work().workId());
        assertThat(items().get(0).work().epoch()).isLessThan(items().get(1).work().epoch());
    }

    @Test
    void shouldNeverGiveAVersionNumberTwice() {
        select(0, 5);
        report(Given.success(items().get(0)));
        select(5, 10);
        report(Given.success(items().get(1)));
        assertThat(state().versions()).containsOnlyKeys(0L, 1L, 2L);
        var second = state().versions().get(2L);
        reset(1);
        select(10, 15);
        // One that flow no longer waits for has used its number up too.
        reset(0);
        select(15, 20);
        report(Given.success(items().get(2)));
        report(Given.success(items().get(3)));
        assertThat(request(2).version()).isEqualTo(3);
        assertThat(request(3).version()).isEqualTo(4);
        assertThat(state().versions()).containsOnlyKeys(0L, 1L, 2L, 4L);
        assertThat(state().versions().get(2L)).isEqualTo(second);
        reset(2);
        assertThat(state().current()).isEqualTo(second);
    }

    @Test
    void shouldGiveUpATrainingThatFailsAndWaitForNewSelections() {
        select(0, 5);
        report(Given.failure(items().get(0), "p1", FailureCode.INTERNAL_ERROR));
        report(Given.failure(items().get(1), "p2", FailureCode.INTERNAL_ERROR));
        assertThat(of(Effect.Dead.class)).hasSize(1);
        select(5, 9);
        assertThat(items()).hasSize(2);
        select(9, 10);
        assertThat(items()).hasSize(3);
    }

    @Test
    void shouldEmitATrainingAgainThatVanished() {
        select(0, 5);
        take(flow.vanished(state(), Given.NOW));
        assertThat(items()).extracting(WorkItem::emission).containsExactly(1, 2);
    }

    @Test
    void shouldDrawAPairForTheGeneratorThatLearnsFromSelections() {
        select(0, 1);
        assertThat(of(Effect.Pair.class)).as("how it was generated is not known").isEmpty();
        var p = Given.pair("told");
        var facts =
                new PairFacts(
                        "selections",
                        "s",
                        "a cat",
                        p.image(),
                        p.chosen(),
                        p.rejected(),
                        1,
                        "wan",
                        "base",
                        CandidateConfig.defaults(),
                        null);
        var event = new SelectionMade("t", "r", "s", 1, 2, p, "me", Given.NOW, facts);
        take(flow.selected(state, event, Given.NOW));
        take(flow.selected(state, event, Given.NOW));
        assertThat(of(Effect.Pair.class))
                .singleElement()
                .satisfies(
                        e -> {
                            assertThat(e.event().name()).isEqualTo("smooth");
                            assertThat(e.event().pair()).isEqualTo(facts);
                        });
    }

    private void select(int from, int to) {
        for (int i = from; i < to; i++) {
            take(
                    flow.selected(
                            state,
                            new SelectionMade(
                                    "t", "r", "s", 1, 2, Given.pair("sel-" + i), "me", Given.NOW),
                            Given.NOW));
        }
    }

    @Test
    void shouldForgetTheOldestSelectionsBeforeTheyStopFlowTogether() {
        String prompt = "\u0001".repeat(10_000);
        for (int i = 0; i < 200; i++) {
            var p = Given.pair("large-" + i);
            var pair =
                    new PreferencePair(
                            p.selectionId(), prompt, "animal", p.image(), p.chosen(), p.rejected());
            take(
                    flow.selected(
                            state,
                            new SelectionMade("t", "r", "s", 1, 2, pair, "me", Given.NOW),
                            Given.NOW));
        }
        assertThat(state.pairs()).hasSizeBetween(90, 110);
        assertThat(state.pairs().get(state.pairs().size() - 1).selectionId())
                .isEqualTo("large-199");
        assertThat(state.asked()).isBetween(0, state.pairs().size());
    }

    private void request() {
        take(flow.requested(state, new TuneRequested("me", Given.NOW), Given.NOW));
    }

    private void reset(long version) {
        take(flow.reset(state, new TuneReset(version, "me", Given.NOW), Given.NOW));
    }

    private void report(WorkReport report) {
        take(flow.reported(state, report, Given.NOW));
    }

    private void take(Decision<PreferenceState> decision) {
        state = decision.state();
        written.addAll(decision.effects());
    }

    private TuneRequest request(int index) {
        return (TuneRequest) items().get(index).request();
    }

    private List<WorkItem> items() {
        return of(Effect.Work.class).stream().map(Effect.Work::item).toList();
    }

    private <E> List<E> of(Class<E> kind) {
        return written.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private PreferenceState state() {
        return Objects.requireNonNull(state);
    }
}
