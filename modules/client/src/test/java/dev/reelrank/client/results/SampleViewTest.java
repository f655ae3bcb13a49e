package dev.reelrank.client.results;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Facts of several topics may come in any order among each other. */
final class SampleViewTest {
    private static final SampleFact FOX =
            new SampleFact(
                    "x",
                    "fox",
                    "first",
                    "a fox",
                    new BlobRef("file:/fox.png", "a".repeat(64), 1, "image/png"),
                    null,
                    null,
                    RunConfiguration.defaults(),
                    null,
                    Instant.EPOCH);

    @ParameterizedTest
    @MethodSource("orders")
    void shouldNotShowASamplesEndBeforeTheFactsThatItRestsOn(int chance) {
        var events = new ArrayList<Event>();
        events.add(FOX);
        events.add(prompt(0));
        events.add(grade(0));
        events.add(grade(1));
        events.add(ended(Status.DONE, 1, Map.of(id(StageName.PROMPT), 0, id(StageName.GRADE), 1)));
        Collections.shuffle(events, new Random(chance));
        var run = new RunView("x");
        for (int i = 0; i < events.size(); i++) {
            run.apply(events.get(i));
            var sample = run.samples().get("fox");
            boolean all =
                    events.subList(0, i + 1)
                            .containsAll(List.of(FOX, prompt(0), grade(1), last(events)));
            assertThat(sample.terminal()).isEqualTo(all);
            assertThat(sample.update().isPresent()).isEqualTo(all);
        }
        assertThat(run.samples().get("fox").fact(StageName.GRADE).orElseThrow().work().epoch())
                .isEqualTo(1);
    }

    private static IntStream orders() {
        return IntStream.range(0, 200);
    }

    @Test
    void shouldShowWhatWasSaidBeforeUntilTheEndIsBorneOut() {
        var run = new RunView("x");
        run.apply(FOX);
        run.apply(ended(Status.RUNNING, 0, Map.of()));
        run.apply(ended(Status.DONE, 0, Map.of(id(StageName.GRADE), 0)));
        var sample = run.samples().get("fox");
        assertThat(sample.update().orElseThrow().status()).isEqualTo(Status.RUNNING);
        run.apply(grade(0));
        assertThat(sample.update().orElseThrow().status()).isEqualTo(Status.DONE);
    }

    @Test
    void shouldBelieveTheWordOfAnOlderBuildAtOnce() {
        var run = new RunView("x");
        run.apply(ended(Status.DONE, 0, Map.of()));
        assertThat(run.samples().get("fox").terminal()).isTrue();
    }

    @Test
    void shouldGoBackToRunningWithARetry() {
        var run = new RunView("x");
        run.apply(FOX);
        run.apply(grade(0));
        run.apply(ended(Status.DONE, 0, Map.of(id(StageName.GRADE), 0)));
        run.apply(ended(Status.RUNNING, 1, Map.of()));
        assertThat(run.samples().get("fox").terminal()).isFalse();
    }

    private static Event last(List<Event> events) {
        return events.stream().filter(SampleUpdated.class::isInstance).findFirst().orElseThrow();
    }

    private static String id(StageName stage) {
        return Ids.workId("x", "fox", stage, null);
    }

    private static SampleUpdated ended(Status status, int epoch, Map<String, Integer> restsOn) {
        return new SampleUpdated(
                "x",
                "fox",
                status,
                false,
                epoch,
                StageName.GRADE,
                List.of(),
                Instant.EPOCH,
                List.of(),
                restsOn);
    }

    private static StageFact prompt(int epoch) {
        return fact(
                StageName.PROMPT,
                epoch,
                new PromptResult("a fox", "none", PromptResult.Source.USER, 2, 0, null, List.of()));
    }

    private static StageFact grade(int epoch) {
        return fact(
                StageName.GRADE,
                epoch,
                new GradeResult("A", 0.9, false, Map.of(), "", 0, List.of()));
    }

    private static StageFact fact(StageName stage, int epoch, StageResult result) {
        return new StageFact(
                new WorkRef(id(stage), "x", "fox", stage, null, epoch),
                new Producer("w", "1@0", "host", "cpu", "cpu"),
                new Computation("k", 0, "m", "f", "cpu", false, 0, 0, Map.of(), Map.of()),
                result,
                null,
                Instant.EPOCH);
    }
}
