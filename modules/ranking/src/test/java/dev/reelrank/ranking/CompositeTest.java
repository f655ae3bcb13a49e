package dev.reelrank.ranking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.config.RankingConfig;
import java.util.List;
import org.junit.jupiter.api.Test;

class CompositeTest {
    private static final String EPIPOLAR = "epipolar_sampson";
    private static final PatchConcentration VIT_B16 = new PatchConcentration(2.0, 0.5);
    private final Scorer scorer = new CompositeScorer(RankingConfig.defaults().weights());

    @Test
    void shouldGiveTheKnownCompositesAndLetSeed1337Win() {
        double[] scores = {
            scorer.score(measures(0.9097, 1.821, 0.9824)),
            scorer.score(measures(0.9068, 1.791, 0.9800)),
            scorer.score(measures(0.8949, 1.745, 0.9827))
        };

        assertThat(scores[0]).isCloseTo(0.7716, within(2e-4));
        assertThat(scores[1]).isCloseTo(0.7630, within(2e-4));
        assertThat(scores[2]).isCloseTo(0.7462, within(2e-4));
        var choice =
                Choice.among(List.of("1337", "2024", "7777"), scores, new int[] {2, 1, 0}, 0.015);
        assertThat(choice.index()).isEqualTo(0);
        assertThat(choice.spread()).isCloseTo(0.0254, within(2e-4));
    }

    @Test
    void shouldSubtractDriftAndDuplicatesOnlyWhenTheyHaveWeights() {
        var bad = new Measures(0.9, 0.8, 0.9, 2, 0.5, 0.95, 0.4, 1, null, null);
        var weights = new RankingConfig.Weights(0.65, 0.25, 0.10, 0.5, 0.25);

        assertThat(scorer.score(bad)).isCloseTo(0.585 + 0.125 + 0.095, within(1e-12));
        assertThat(new CompositeScorer(weights).score(bad))
                .isCloseTo(0.805 - 0.2 - 0.25, within(1e-12));
    }

    @Test
    void shouldTakeAnotherRuleAsOneFunction() {
        Scorer mean = m -> (m.maskedIdentity() + m.concentrationNormalised() + m.temporal()) / 3;
        assertThat(mean.score(measures(0.9, 2.0, 1.0))).isCloseTo(0.8, within(1e-12));
    }

    @Test
    void shouldLetAFrozenCandidateLoseWhereMotionHasAWeight() {
        var moving = measures(0.90, 2.0, 0.96).withMotion(1.0);
        var frozen = measures(0.93, 2.0, 1.0).withMotion(0.5);
        var without = new CompositeScorer(new RankingConfig.Weights(0.65, 0.25, 0.10, 0, 0));
        assertThat(without.score(frozen)).isGreaterThan(without.score(moving));
        var with =
                new CompositeScorer(new RankingConfig.Weights(0.65, 0.25, 0.10, 0, 0, 0.2, null));
        assertThat(with.score(moving)).isGreaterThan(with.score(frozen));
        // What cannot be told counts as standing still.
        assertThat(with.score(frozen.withMotion(null))).isEqualTo(with.score(frozen));
    }

    @Test
    void shouldLetGeometryDecideAndGiveNothingToAVideoWithoutAScore() {
        var rigid = measures(0.90, 2.0, 0.96).withGeometry(GeometryTerm.of(EPIPOLAR, 0.2));
        var bent = measures(0.91, 2.0, 0.97).withGeometry(GeometryTerm.of(EPIPOLAR, 0.9));
        var still = measures(0.93, 2.0, 1.0).withGeometry(GeometryTerm.of(EPIPOLAR, null));
        assertThat(scorer.score(still)).isEqualTo(scorer.score(still.withGeometry(null)));
        var with =
                new CompositeScorer(new RankingConfig.Weights(0.65, 0.25, 0.10, 0, 0, null, 0.3));
        assertThat(with.score(rigid)).isGreaterThan(with.score(bent));
        assertThat(with.score(bent)).isGreaterThan(with.score(still));
        assertThat(with.score(still)).isEqualTo(scorer.score(still));
    }

    @Test
    void shouldMakeATermOfEveryScoreThatCanBeAskedFor() {
        for (String metric : RankingConfig.GEOMETRY_SCORES) {
            assertThat(GeometryTerm.of(metric, 0.0)).isEqualTo(1);
            assertThat(GeometryTerm.of(metric, 0.1)).isBetween(0.0, 0.95);
            assertThat(GeometryTerm.of(metric, null)).isZero();
        }
    }

    private static Measures measures(double identity, double raw, double temporal) {
        return new Measures(
                identity,
                identity,
                identity,
                raw,
                VIT_B16.normalised(raw),
                temporal,
                0,
                0,
                null,
                null);
    }
}
