package dev.reelrank.console.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.console.Example;
import dev.reelrank.console.page.Layout;
import dev.reelrank.console.page.RunPage;
import dev.reelrank.console.page.SamplePage;
import dev.reelrank.console.page.TrainingPage;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.ProgressReported;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class FactsTest {
    @Test
    void shouldSayTheSameInWhateverOrderTheEventsCome() {
        var events = Example.run("run", List.of("ring", "cat"));
        var shuffled = new ArrayList<>(events);
        shuffled.addAll(events);
        Collections.shuffle(shuffled, new Random(3));
        var one = new Facts();
        one.apply(events);
        var other = new Facts();
        other.apply(shuffled);
        assertThat(other.runs()).isEqualTo(one.runs());
        assertThat(other.samples("run")).isEqualTo(one.samples("run"));
        RunRow run = one.runs().get(0);
        assertThat(run.done()).isEqualTo(2);
        assertThat(run.perHour()).isEqualTo(2);
        assertThat(run.computeMillis()).isEqualTo(2 * (3 + Example.SEEDS.size()) * 2_000L);
    }

    @Test
    void shouldServeOnlyWhatAFactNames() {
        var facts = new Facts();
        facts.apply(Example.run("run", List.of("ring")));
        assertThat(facts.blob(Example.video("ring", Example.SEEDS.get(0)).sha256())).isPresent();
        assertThat(facts.blob("0".repeat(64))).isEmpty();
    }

    /** Whoever submits may name any file; that must hide no video that a worker has made. */
    @Test
    void shouldBelieveWorkersBeforeClientsAboutAFile() {
        var made = Example.video("ring", Example.SEEDS.get(0));
        var claimed = new BlobRef("file:///etc/passwd", made.sha256(), 7, "text/html");
        var events = new ArrayList<Event>(Example.run("run", List.of("ring")));
        for (int place : new int[] {0, events.size()}) {
            var all = new ArrayList<>(events);
            all.add(place, Example.submitted("other", "cat", claimed));
            var facts = new Facts();
            facts.apply(all);
            assertThat(facts.blob(made.sha256())).contains(made);
        }
    }

    @Test
    void shouldShowAPromptAsTextAndNotAsMarkup() {
        var facts = new Facts();
        facts.apply(Example.run("run", List.of("ring")));
        String page = new SamplePage(new Layout(facts), facts).html("run", "ring");
        assertThat(page).contains("&lt;b&gt;turns&lt;/b&gt;").doesNotContain("<b>turns");
        assertThat(page)
                .contains("It keeps the ring best")
                .contains("</mark> ring <mark>slowly turns</mark>");
    }

    @Test
    void shouldShowTrainingsAndAdaptersWithTheirComparison() {
        var facts = new Facts();
        facts.apply(Example.training(Example.blob("curve", "image/png")));
        assertThat(facts.runs()).as("trainings are no runs").isEmpty();
        String page = new TrainingPage(new Layout(facts), facts).html();
        assertThat(page)
                .contains("Step 40 of 60 on trainer-1")
                .contains("smooth@1")
                .contains("<td>warping_error</td><td>0.0213</td><td>0.0187</td><td>-0.0026</td>")
                .contains("/media/" + Example.blob("curve", "image/png").sha256());
        assertThat(page.split("<polyline", -1)).hasSize(1 + 4);
    }

    @Test
    void shouldKeepALongTrainingShort() {
        var training = new Training();
        var step = (ProgressReported) Example.training(Example.blob("c", "image/png")).get(0);
        for (int i = 1; i <= 100_000; i++) {
            training.take(
                    new ProgressReported(
                            step.work(), step.producer(), i, 100_000, step.figures(), step.at()));
        }
        assertThat(training.steps()).hasSizeBetween(500, 2_000);
        assertThat(training.steps().get(training.steps().size() - 1).step()).isEqualTo(100_000);
    }

    @Test
    void shouldFindSamplesByTheirWinnerAndSortThemByEvidence() {
        var facts = new Facts();
        facts.apply(Example.run("run", List.of("ring", "cat")));
        var page = new RunPage(new Layout(facts), facts);
        String winner = Long.toString(Example.SEEDS.get(Example.SEEDS.size() - 1));
        assertThat(page.html("run", Map.of("seed", winner, "sort", "semantic")::get))
                .contains("1 to 2 of 2")
                .contains("<option value=\"semantic\" selected>");
        assertThat(page.html("run", Map.of("seed", "77")::get)).contains("No sample of this run");
    }

    @Test
    void shouldShowTheFirstPageOfTenThousandSamplesAtOnce() {
        var facts = new Facts();
        List<String> samples = IntStream.range(0, 10_000).mapToObj(i -> "sample-" + i).toList();
        facts.apply(Example.run("large", samples));
        facts.caughtUp();
        var page = new RunPage(new Layout(facts), facts);
        var millis = new long[5];
        for (int i = 0; i < millis.length; i++) {
            // A new fact each time, as while a run goes on.
            facts.apply(Example.run("large", List.of("sample-" + i)));
            long begin = System.nanoTime();
            String html = page.html("large", Map.of("sort", "grade", "page", "3")::get);
            millis[i] = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            assertThat(html).contains("145 to 192 of 10000");
        }
        System.out.println("a page of 10,000 samples takes ms: " + Arrays.toString(millis));
        Arrays.sort(millis);
        assertThat(millis[millis.length / 2]).isLessThan(300);
    }
}
