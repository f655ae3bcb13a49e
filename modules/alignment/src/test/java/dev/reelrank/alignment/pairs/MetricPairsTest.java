package dev.reelrank.alignment.pairs;

import static dev.reelrank.alignment.pairs.Examples.blob;
import static dev.reelrank.alignment.pairs.Examples.sample;
import static dev.reelrank.alignment.pairs.Examples.video;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.alignment.pairs.MetricPairs.Rule;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

final class MetricPairsTest {
    @Test
    void takesTheBestAndTheWorstCandidateByTheComposite() {
        var drawn =
                MetricPairs.ranking(0.05)
                        .draw(sample("a", video(1, 0.7), video(2, 0.9), video(3, 0.6)));

        assertThat(drawn.skipped()).isEmpty();
        assertThat(drawn.pairs())
                .singleElement()
                .satisfies(
                        pair -> {
                            assertThat(pair.winner().blob()).isEqualTo(blob("video 2"));
                            assertThat(pair.loser().blob()).isEqualTo(blob("video 3"));
                            assertThat(pair.winner().seed()).isEqualTo(2);
                            assertThat(pair.loser().seed()).isEqualTo(3);
                            assertThat(pair.margin()).isCloseTo(0.3, within());
                            assertThat(pair.source()).isEqualTo("ranking");
                            assertThat(pair.family()).isEqualTo("wan");
                        });
    }

    @Test
    void skipsASampleWhoseCandidatesAreTooClose() {
        var drawn = MetricPairs.ranking(0.05).draw(sample("a", video(1, 0.70), video(2, 0.74)));

        assertThat(drawn.pairs()).isEmpty();
        assertThat(drawn.skipped()).containsExactly("the gap of composite is below 0.05");
    }

    @Test
    void takesSeveralLosersOfASampleTheWorstFirstWhereThatIsAllowed() {
        var candidates =
                sample(
                        "a",
                        video(1, 0.3),
                        video(2, 0.9),
                        video(3, 0.5),
                        video(4, 0.88),
                        video(5, 0.4));

        var drawn = MetricPairs.ranking(0.1).perSample(2).draw(candidates);

        assertThat(drawn.skipped()).isEmpty();
        assertThat(drawn.pairs().stream().map(p -> p.winner().blob()))
                .containsExactly(blob("video 2"), blob("video 2"));
        assertThat(drawn.pairs().stream().map(p -> p.loser().blob()))
                .containsExactly(blob("video 1"), blob("video 5"));
        assertThat(MetricPairs.ranking(0.1).perSample(9).draw(candidates).pairs())
                .as("one candidate is nearly as good as the best")
                .hasSize(3);
        assertThatThrownBy(() -> MetricPairs.ranking(0.1).perSample(0))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("at least 1");
    }

    @Test
    void neverPairsEqualValuesEvenWithoutAMinimumGap() {
        assertThat(MetricPairs.ranking(0).draw(sample("a", video(1, 0.7), video(2, 0.7))).pairs())
                .isEmpty();
    }

    @Test
    void passesOverCandidatesWithoutAFiniteValue() {
        var unmeasured = new JudgedVideo(3, blob("video 3"), Map.of());
        var broken = new JudgedVideo(4, blob("video 4"), Map.of("composite", Double.NaN));

        var drawn =
                MetricPairs.ranking(0)
                        .draw(sample("a", broken, video(1, 0.7), unmeasured, video(2, 0.9)));

        assertThat(drawn.pairs())
                .singleElement()
                .satisfies(pair -> assertThat(pair.loser().blob()).isEqualTo(blob("video 1")));
        assertThat(MetricPairs.ranking(0).draw(sample("b", broken, video(1, 0.7))).skipped())
                .containsExactly("fewer than two candidates have a value of composite");
    }

    @Test
    void aFrozenVideoNeitherWinsNorLoses() {
        var rule = GroupsFile.rule();
        var frozen = scored(1, 0.01, 0);
        var rigid = scored(2, 0.20, 0.5);
        var bent = scored(3, 0.60, 0.4);

        var drawn = new MetricPairs(rule).draw(sample("a", frozen, rigid, bent));

        assertThat(drawn.pairs())
                .singleElement()
                .satisfies(
                        pair -> {
                            assertThat(pair.winner().blob()).isEqualTo(rigid.video());
                            assertThat(pair.loser().blob()).isEqualTo(bent.video());
                        });
        assertThat(new MetricPairs(rule).draw(sample("b", frozen, bent)).skipped())
                .containsExactly("fewer than two candidates move by at least 0.001");
    }

    @Test
    void looksAtMeasuredMotionWhereNoJudgeGaveOne() {
        var rule = new Rule("composite", true, 0.1, null, 0.5);
        var frozen = measured(1, 0.9, 0.01);
        var lively = measured(2, 0.7, 2.0);
        var livelier = measured(3, 0.4, 3.0);

        assertThat(new MetricPairs(rule).draw(sample("a", frozen, lively, livelier)).pairs())
                .singleElement()
                .satisfies(p -> assertThat(p.winner().blob()).isEqualTo(lively.video()));
        assertThat(new MetricPairs(rule).draw(sample("b", frozen, lively)).skipped())
                .containsExactly("fewer than two candidates move by at least 0.5");
    }

    private static JudgedVideo measured(long seed, double composite, double motion) {
        return new JudgedVideo(
                seed,
                blob("video " + seed),
                Map.of("composite", composite, MetricPairs.FLOW, motion));
    }

    @Test
    void aWinnerMayHaveToBeGoodInItself() {
        var rule = new Rule("composite", true, 0.1, 0.8, null);

        assertThat(new MetricPairs(rule).draw(sample("a", video(1, 0.7), video(2, 0.3))).skipped())
                .containsExactly("even the best composite is worse than 0.8");
    }

    @Test
    void refusesAGapThatIsNoNumber() {
        assertThatThrownBy(() -> MetricPairs.ranking(Double.NaN))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("minimum gap of metric 'composite'");
    }

    @Property
    void theWinnerIsNeverWorseThanAnyOtherCandidate(
            @ForAll @Size(min = 2, max = 8) List<@DoubleRange(min = 0, max = 1) Double> values) {
        var videos =
                IntStream.range(0, values.size())
                        .mapToObj(i -> video(i, values.get(i)))
                        .toArray(JudgedVideo[]::new);
        double best = values.stream().mapToDouble(v -> v).max().orElseThrow();
        double worst = values.stream().mapToDouble(v -> v).min().orElseThrow();

        var pairs = MetricPairs.ranking(0).draw(sample("a", videos)).pairs();

        assertThat(pairs).hasSize(best > worst ? 1 : 0);
        for (var pair : pairs) {
            assertThat(pair.margin()).isEqualTo(best - worst);
        }
    }

    private static JudgedVideo scored(long seed, double consistency, double motion) {
        return new JudgedVideo(
                seed,
                blob("video " + seed),
                Map.of(GroupsFile.CONSISTENCY, consistency, MetricPairs.MOTION, motion));
    }

    private static org.assertj.core.data.Offset<Double> within() {
        return org.assertj.core.data.Offset.offset(1e-12);
    }
}
