package dev.reelrank.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The numbers that SciPy gives; see {@code src/test/fixtures/make_fixtures.py}. */
class ScipyTest {
    private record Fact(String name, double[] first, double[] second, double[] expected) {}

    @Test
    void shouldGiveThePValueOfAPairedTest() {
        each(
                "ttest",
                fact ->
                        assertThat(
                                        PairedDifference.of(
                                                        fact.first(),
                                                        fact.second(),
                                                        Bootstrap.DEFAULT)
                                                .p())
                                .isCloseTo(fact.expected()[0], within(1e-9)));
    }

    @Test
    void shouldGiveTheBootstrapInterval() {
        each(
                "bootstrap",
                fact -> {
                    var found = PairedDifference.of(fact.first(), fact.second(), Bootstrap.DEFAULT);
                    double width = fact.expected()[2] - fact.expected()[1];
                    assertThat(found.difference().mean())
                            .isCloseTo(fact.expected()[0], within(1e-12));
                    // Two random draws of resamples differ a little.
                    assertThat(found.difference().low())
                            .isCloseTo(fact.expected()[1], within(0.04 * width));
                    assertThat(found.difference().high())
                            .isCloseTo(fact.expected()[2], within(0.04 * width));
                });
    }

    @Test
    void shouldGiveSpearmansCorrelation() {
        each(
                "spearman",
                fact ->
                        assertThat(Correlation.spearman(fact.first(), fact.second()))
                                .isCloseTo(fact.expected()[0], within(1e-12)));
    }

    @Test
    void shouldGiveRanksAndFriedmansPValueWithTies() {
        each(
                "friedman",
                fact -> {
                    int treatments = (int) fact.first()[0];
                    var samples = new ArrayList<double[]>();
                    for (int at = 0; at < fact.second().length; at += treatments) {
                        samples.add(Arrays.copyOfRange(fact.second(), at, at + treatments));
                    }
                    var found = AverageRanks.of(samples, true);
                    for (int i = 0; i < treatments; i++) {
                        assertThat(found.ranks().get(i))
                                .isCloseTo(fact.expected()[i], within(1e-12));
                    }
                    assertThat(found.p()).isCloseTo(fact.expected()[treatments], within(1e-9));
                });
    }

    @Test
    void shouldCorrectForSeveralComparisons() {
        each(
                "holm",
                fact ->
                        assertThat(Holm.adjusted(fact.first()))
                                .containsExactly(fact.expected(), within(1e-12)));
    }

    @Test
    void shouldSayAboutHowManySamplesAreNeeded() {
        each(
                "needed",
                fact ->
                        assertThat(
                                        SampleSize.toSee(
                                                        fact.first()[0],
                                                        fact.first()[1],
                                                        fact.first()[2])
                                                .orElseThrow())
                                .isCloseTo((int) fact.expected()[0], within(2)));
    }

    private static void each(String name, Consumer<Fact> check) {
        List<Fact> facts = facts().stream().filter(f -> f.name().equals(name)).toList();
        assertThat(facts).hasSizeGreaterThan(2);
        facts.forEach(check);
    }

    private static List<Fact> facts() {
        try (var in = ScipyTest.class.getResourceAsStream("scipy.csv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split(";", -1))
                    .map(p -> new Fact(p[0], numbers(p[1]), numbers(p[2]), numbers(p[3])))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static double[] numbers(String text) {
        return text.isEmpty()
                ? new double[0]
                : Arrays.stream(text.split(",")).mapToDouble(Double::parseDouble).toArray();
    }
}
