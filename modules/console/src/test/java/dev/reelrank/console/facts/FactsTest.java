package dev.reelrank.console.facts;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.console.Example;
import dev.reelrank.console.page.Layout;
import dev.reelrank.console.page.RunPage;
import dev.reelrank.console.page.SamplePage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
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

    @Test
    void shouldShowAPromptAsTextAndNotAsMarkup() {
        var facts = new Facts();
        facts.apply(Example.run("run", List.of("ring")));
        String page = new SamplePage(new Layout(facts), facts).html("run", "ring");
        assertThat(page).contains("&lt;b&gt;turns&lt;/b&gt;").doesNotContain("<b>turns");
        assertThat(page)
                .contains("it keeps the ring best")
                .contains("</mark> ring <mark>slowly turns</mark>");
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
            String html = page.html("large", null, null, null, "grade", "3");
            millis[i] = Duration.ofNanos(System.nanoTime() - begin).toMillis();
            assertThat(html).contains("145 to 192 of 10000");
        }
        System.out.println("a page of 10,000 samples takes ms: " + Arrays.toString(millis));
        Arrays.sort(millis);
        assertThat(millis[millis.length / 2]).isLessThan(300);
    }
}
