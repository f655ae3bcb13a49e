package dev.reelrank.alignment.compare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.statistics.Bootstrap;
import dev.reelrank.statistics.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
    private static ComparedClip clip(String sample, long seed, double base, double adapter) {
        return new ComparedClip(sample, seed, Map.of("m", base), Map.of("m", adapter));
    }

    @Test
    void shouldGiveTheIntervalThatStatisticsExpect() {
        var random = new Random(5);
        var values = new ArrayList<double[]>();
        for (int i = 0; i < 400; i++) {
            values.add(new double[] {3 + 2 * random.nextGaussian()});
        }
        double mean = values.stream().mapToDouble(v -> v[0]).average().orElseThrow();
        double variance =
                values.stream().mapToDouble(v -> (v[0] - mean) * (v[0] - mean)).sum() / 399;
        double half = 1.96 * Math.sqrt(variance / 400);
        Interval found = Bootstrap.DEFAULT.mean(values);
        assertThat(found.mean()).isCloseTo(mean, within(1e-12));
        assertThat(found.low()).isCloseTo(mean - half, within(0.05 * half));
        assertThat(found.high()).isCloseTo(mean + half, within(0.05 * half));
        assertThat(Bootstrap.DEFAULT.mean(values)).isEqualTo(found);
        assertThat(new Bootstrap(10_000, 2).mean(values)).isNotEqualTo(found);
    }

    @Test
    void shouldNotTakeTheSeedsOfASampleForIndependent() {
        var together = new ArrayList<double[]>();
        var apart = new ArrayList<double[]>();
        var random = new Random(1);
        for (int i = 0; i < 40; i++) {
            double value = random.nextGaussian();
            together.add(new double[] {value, value, value, value});
            for (int k = 0; k < 4; k++) {
                apart.add(new double[] {value});
            }
        }
        Interval honest = Bootstrap.DEFAULT.mean(together);
        Interval narrow = Bootstrap.DEFAULT.mean(apart);
        assertThat((honest.high() - honest.low()) / (narrow.high() - narrow.low()))
                .isCloseTo(2, within(0.2));
    }

    @Test
    void shouldCompareClipByClip() {
        var clips =
                List.of(
                        clip("a", 1, 10, 8),
                        clip("a", 2, 20, 17),
                        clip("b", 1, 30, 26),
                        clip("c", 1, Double.NaN, 1));
        var comparison = Comparison.of(clips, Bootstrap.DEFAULT);
        assertThat(comparison.samples()).isEqualTo(3);
        assertThat(comparison.clips()).isEqualTo(4);
        var change = comparison.changes().get("m");
        assertThat(change.clips()).isEqualTo(3);
        assertThat(change.base().mean()).isEqualTo(20);
        assertThat(change.adapter().mean()).isEqualTo(17);
        assertThat(change.difference().mean()).isCloseTo(-3, within(1e-12));
        assertThat(change.difference().low()).isCloseTo(-4, within(1e-12));
        assertThat(change.difference().high()).isCloseTo(-2.5, within(1e-12));
        assertThat(change.difference().below()).isTrue();
        assertThat(change.relative()).isCloseTo(-0.15, within(1e-12));
    }

    @Test
    void shouldSayWhichClipHasOtherFigures() {
        assertThatThrownBy(() -> new ComparedClip("a", 7, Map.of("m", 1.0), Map.of("n", 1.0)))
                .hasMessageContaining("sample a, seed 7");
    }
}
