package dev.reelrank.flow.adapter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.beside.BesideFlow;
import dev.reelrank.flow.beside.BesideState;
import dev.reelrank.flow.work.Limits;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.AlignResult;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AdapterFlowTest {
    private static final AlignConfig CONFIG = AlignConfig.defaults();

    private final BesideFlow beside =
            new BesideFlow(new WorkJudge(Limits.DEFAULT, Stages.STANDARD));
    private final AdapterFlow adapters =
            new AdapterFlow(
                    beside,
                    new AutoAligns(List.of(new AutoAlign("smooth", 2, 0.02, null, CONFIG))));

    private @Nullable BesideState state;

    private List<Effect> take(Decision<BesideState> decision) {
        state = decision.state();
        return decision.effects();
    }

    private static WorkRequested asked(String pairs, int epoch) {
        var request =
                new AlignRequest(
                        "smooth",
                        "wan",
                        "base",
                        null,
                        Given.blob(pairs),
                        List.of(),
                        List.of(),
                        CONFIG);
        return WorkRequested.training(request, epoch, "me", Given.NOW);
    }

    private static WorkReport trained(WorkItem item, String adapter) {
        var result =
                new AlignResult(
                        "wan",
                        "base",
                        Map.of("transformer", Given.blob(adapter)),
                        CONFIG,
                        null,
                        Given.blob("pairs"),
                        8,
                        2,
                        100,
                        Map.of("loss", 0.1),
                        Map.of(),
                        Given.blob("events"),
                        "drafts/key",
                        AdapterState.ACCEPTED,
                        "better",
                        null);
        return Given.report(
                item.work(), "p1", new WorkReport.Succeeded(Given.computation(), result));
    }

    private static List<WorkItem> work(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Work.class::isInstance)
                .map(e -> ((Effect.Work) e).item())
                .toList();
    }

    private static List<AdapterUpdated> told(List<Effect> effects) {
        return effects.stream()
                .filter(Effect.Adapter.class::isInstance)
                .map(e -> ((Effect.Adapter) e).event())
                .toList();
    }

    private List<Effect> report(WorkReport report) {
        return take(adapters.after("smooth", beside.reported(state, report, Given.NOW), Given.NOW));
    }

    @Test
    void shouldNumberTheVersionsOfAName() {
        var first = work(take(beside.requested(state, asked("a", 0), Given.NOW)));
        assertThat(told(report(trained(first.get(0), "one"))))
                .singleElement()
                .satisfies(
                        a -> {
                            assertThat(a.adapter().id()).isEqualTo("smooth@1");
                            assertThat(a.state()).isEqualTo(AdapterState.ACCEPTED);
                        });
        var second = work(take(beside.requested(state, asked("b", 0), Given.NOW)));
        assertThat(told(report(trained(second.get(0), "two"))).get(0).adapter().id())
                .isEqualTo("smooth@2");
    }

    @Test
    void shouldOpenOneTrainingOfANameAtATime() {
        var first = work(take(beside.requested(state, asked("a", 0), Given.NOW)));
        assertThat(first).hasSize(1);
        assertThat(work(take(beside.requested(state, asked("b", 0), Given.NOW)))).isEmpty();
        assertThat(work(take(beside.requested(state, asked("b", 0), Given.NOW)))).isEmpty();
        assertThat(work(take(beside.requested(state, asked("c", 0), Given.NOW)))).isEmpty();
        var second = work(report(trained(first.get(0), "one")));
        assertThat(second).hasSize(1);
        assertThat(second.get(0).request())
                .isInstanceOfSatisfying(
                        AlignRequest.class, r -> assertThat(r.pairs()).isEqualTo(Given.blob("b")));
        var third = work(report(Given.failure(second.get(0), "p1", FailureCode.INVALID_SAMPLE)));
        assertThat(third).hasSize(1);
        assertThat(work(report(trained(third.get(0), "three")))).isEmpty();
    }

    @Test
    void shouldMakeNoSecondVersionOfTheSameFiles() {
        var first = work(take(beside.requested(state, asked("a", 0), Given.NOW)));
        report(trained(first.get(0), "one"));
        var again = work(take(beside.requested(state, asked("a", 1), Given.NOW)));
        assertThat(told(report(trained(again.get(0), "one"))).get(0).adapter().id())
                .isEqualTo("smooth@1");
    }

    private static PairDrawn pair(String winner, String base) {
        var facts =
                new PairFacts(
                        "ranking",
                        "fox",
                        "a fox",
                        null,
                        Given.blob(winner),
                        Given.blob("worse than " + winner),
                        0.1,
                        "wan",
                        base,
                        CandidateConfig.defaults(),
                        null);
        return new PairDrawn("smooth", facts, Given.NOW);
    }

    @Test
    void shouldTrainByItselfOnEveryTwoNewPairsAndLearnNoneTwice() {
        assertThat(work(take(adapters.drawn(state, pair("a", "base"), Given.NOW)))).isEmpty();
        assertThat(work(take(adapters.drawn(state, pair("a", "base"), Given.NOW)))).isEmpty();
        var first = work(take(adapters.drawn(state, pair("b", "base"), Given.NOW)));
        assertThat(first).hasSize(1);
        assertThat(drawn(first)).containsExactly("a", "b");
        take(adapters.drawn(state, pair("c", "base"), Given.NOW));
        take(adapters.drawn(state, pair("d", "base"), Given.NOW));
        take(adapters.drawn(state, pair("a", "base"), Given.NOW));
        var second = work(report(trained(first.get(0), "one")));
        assertThat(drawn(second)).containsExactly("c", "d");
        var request = (AlignRequest) second.get(0).request();
        assertThat(Objects.requireNonNull(request.parent()).id()).isEqualTo("smooth@1");
        assertThat(request.parentFamily()).isEqualTo("wan");
    }

    @Test
    void shouldNotLetTheModelThatJudgesGoOnFromAnAdapterOfAGenerator() {
        var trained = work(take(beside.requested(state, asked("a", 0), Given.NOW)));
        assertThat(told(report(trained(trained.get(0), "one"))).get(0).state())
                .isEqualTo(AdapterState.ACCEPTED);
        var judge =
                new AdapterFlow(
                        beside,
                        new AutoAligns(
                                List.of(new AutoAlign("smooth", 2, 0.02, null, ofModel("qwen")))));
        take(judge.drawn(state, pair("a", "base"), Given.NOW));
        var begun = work(take(judge.drawn(state, pair("b", "base"), Given.NOW)));
        var request = (AlignRequest) begun.get(0).request();
        assertThat(request.config().model()).isEqualTo("qwen");
        assertThat(request.parent()).isNull();
        assertThat(request.parentFamily()).isNull();
    }

    private static AlignConfig ofModel(String model) {
        var c = CONFIG;
        return new AlignConfig(
                model,
                c.loras(),
                c.precision(),
                c.networks(),
                c.rank(),
                c.alpha(),
                c.dropout(),
                c.targets(),
                c.seed(),
                c.steps(),
                c.learningRate(),
                c.schedule(),
                c.warmup(),
                c.weightDecay(),
                c.loss(),
                c.beta(),
                c.factor(),
                c.labelSmoothing(),
                c.supervised(),
                c.timesteps(),
                c.pairsPerStep(),
                c.clip(),
                c.checkpointEvery(),
                c.memory(),
                c.heldOut(),
                c.compareSamples(),
                c.compareSeeds(),
                c.target(),
                c.motionTolerance(),
                c.guards(),
                c.scheduleSteps(),
                c.ownNoise(),
                c.reference());
    }

    @Test
    void shouldTrainEachNameByItsOwnNumberAndNoneThatIsNotNamed() {
        var both =
                new AdapterFlow(
                        beside,
                        new AutoAligns(
                                List.of(
                                        new AutoAlign("smooth", 2, 0.02, null, CONFIG),
                                        new AutoAlign("taste", 3, 0.02, null, CONFIG))));
        BesideState ofTaste = null;
        BesideState ofOther = null;
        var begun = new ArrayList<WorkItem>();
        for (String winner : List.of("a", "b", "c")) {
            var facts = pair(winner, "base").pair();
            var drawn = both.drawn(ofTaste, new PairDrawn("taste", facts, Given.NOW), Given.NOW);
            ofTaste = drawn.state();
            begun.addAll(work(drawn.effects()));
            assertThat(begun).hasSize(winner.equals("c") ? 1 : 0);
            // Left over from a time in which it was trained.
            var other = both.drawn(ofOther, new PairDrawn("other", facts, Given.NOW), Given.NOW);
            ofOther = other.state();
            assertThat(work(other.effects())).isEmpty();
        }
        assertThat(((AlignRequest) begun.get(0).request()).name()).isEqualTo("taste");
        assertThat(drawn(begun)).containsExactly("a", "b", "c");
        var asked = beside.requested(ofOther, asked("a", 0), Given.NOW);
        var done = trained(work(asked.effects()).get(0), "one");
        var after = both.after("other", beside.reported(asked.state(), done, Given.NOW), Given.NOW);
        assertThat(work(after.effects())).isEmpty();
    }

    @Test
    void shouldKeepTheLaterOfTwoOppositeOpinions() {
        var a = pair("a", "base").pair();
        var against =
                new PairFacts(
                        "selections",
                        a.sampleId(),
                        a.prompt(),
                        a.image(),
                        a.loser(),
                        a.winner(),
                        1,
                        a.family(),
                        a.baseFingerprint(),
                        a.configuration(),
                        null);
        take(adapters.drawn(state, new PairDrawn("smooth", a, Given.NOW), Given.NOW));
        take(adapters.drawn(state, new PairDrawn("smooth", against, Given.NOW), Given.NOW));
        take(adapters.drawn(state, new PairDrawn("smooth", a, Given.NOW), Given.NOW));
        var begun = work(take(adapters.drawn(state, pair("b", "base"), Given.NOW)));
        assertThat(drawn(begun)).containsExactly("a", "b");
    }

    private static List<String> drawn(List<WorkItem> items) {
        return ((AlignRequest) items.get(0).request())
                .drawn().stream().map(p -> p.winner()).map(AdapterFlowTest::name).toList();
    }

    private static String name(BlobRef winner) {
        return List.of("a", "b", "c", "d").stream()
                .filter(n -> Given.blob(n).equals(winner))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldImportRetireAndRefuseWhatDoesNotExist() {
        var files = Map.of("transformer", Given.blob("imported"));
        var event = new AdapterImported("smooth", "wan", "", files, true, "me", Given.NOW);
        assertThat(told(take(adapters.imported(state, event, Given.NOW))).get(0).adapter().id())
                .isEqualTo("smooth@1");
        assertThat(told(take(adapters.imported(state, event, Given.NOW)))).isEmpty();
        var retired =
                new AdapterJudged("smooth", 1, AdapterState.RETIRED, "old", null, "me", Given.NOW);
        assertThat(told(take(adapters.judged(state, retired, Given.NOW))).get(0).state())
                .isEqualTo(AdapterState.RETIRED);
        var unknown =
                new AdapterJudged("smooth", 7, AdapterState.RETIRED, "old", null, "me", Given.NOW);
        assertThat(told(take(adapters.judged(state, unknown, Given.NOW)))).isEmpty();
    }
}
