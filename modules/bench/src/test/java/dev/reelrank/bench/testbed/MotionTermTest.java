package dev.reelrank.bench.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.testbed.MotionTerm.Case;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a weight of the motion term changes is told from candidates that were measured once. */
final class MotionTermTest {
    private static final double SPREAD = 0.015;

    @Test
    void shouldTakeTheMovingOneFromTheWeightOnAtWhichItWins() {
        // The frozen one is 0.05 ahead without the term and 0.5 behind in motion.
        var one = new Case(0, "frozen", List.of(0.95, 0.90), List.of(0.5, 1.0), List.of(0.2, 0.9));
        assertThat(MotionTerm.winner(one, 0, SPREAD)).isZero();
        assertThat(MotionTerm.winner(one, 0.2, SPREAD)).isEqualTo(1);
        var rows = MotionTerm.rows(List.of(one, one), SPREAD);
        var last = rows.get(rows.size() - 1);
        assertThat(rows.get(0).gain()).isZero();
        assertThat(last.gain()).isEqualTo(0.7, org.assertj.core.data.Offset.offset(1e-9));
        assertThat(last.better()).isEqualTo(2);
        assertThat(last.worse()).isZero();
        assertThat(last.best()).isEqualTo(1);
    }

    @Test
    void shouldCountUnknownMotionAsStandingStill() {
        var one =
                new Case(
                        0,
                        "generated",
                        List.of(0.9, 0.9),
                        Arrays.asList(null, 0.6),
                        List.of(0.5, 0.4));
        assertThat(MotionTerm.winner(one, 0, SPREAD)).isZero();
        assertThat(MotionTerm.winner(one, 0.4, SPREAD)).isEqualTo(1);
    }

    @Test
    void shouldNameWeightsWhoseWinnersAreNotBetter() {
        var worse =
                new Case(0, "generated", List.of(0.9, 0.9), List.of(0.5, 1.0), List.of(0.5, 0.4));
        assertThat(MotionTerm.missed(MotionTerm.rows(List.of(worse, worse), SPREAD)))
                .isNotEmpty()
                .allSatisfy(text -> assertThat(text).contains("not shown to be better"));
    }
}
