package dev.reelrank.statistics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.statistics.Verdict.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class VerdictTest {
    @Test
    void shouldCallAClearDifferenceBetterOrWorseByItsDirection() {
        double[] first = {0.90, 0.91, 0.92, 0.89, 0.93, 0.90};
        double[] second = {0.95, 0.97, 0.96, 0.95, 0.98, 0.96};
        assertThat(judge(first, second, true, 1).kind()).isEqualTo(Kind.BETTER);
        assertThat(judge(first, second, false, 1).kind()).isEqualTo(Kind.WORSE);
        assertThat(judge(second, first, true, 1).kind()).isEqualTo(Kind.WORSE);
    }

    @Test
    void shouldCallNothingBetterOnTwoSamples() {
        var verdict = judge(new double[] {0.5, 0.6}, new double[] {0.7, 0.80001}, true, 1);
        assertThat(verdict.kind()).isEqualTo(Kind.UNDECIDED);
        assertThat(verdict.text()).isEqualTo("cannot be told apart: needs about 5 samples");
    }

    @Test
    void shouldCallEqualRunsEqual() {
        double[] same = {0.5, 0.6, 0.7, 0.5, 0.6};
        assertThat(judge(same, same, true, 1).kind()).isEqualTo(Kind.EQUAL);
    }

    @Test
    void shouldSayHowManySamplesANoisyDifferenceNeeds() {
        double[] first = {0.90, 0.95, 0.92, 0.89, 0.93, 0.90};
        double[] second = {0.93, 0.92, 0.96, 0.90, 0.92, 0.94};
        var verdict = judge(first, second, true, 1);
        assertThat(verdict.kind()).isEqualTo(Kind.UNDECIDED);
        assertThat(verdict.needed()).isBetween(15, 60);
        // More questions need more evidence.
        assertThat(judge(first, second, true, 10).needed()).isGreaterThan(verdict.needed());
    }

    @Test
    void shouldRefuseWhatIsNotFinite() {
        assertThatThrownBy(
                        () -> judge(new double[] {0.5, Double.NaN}, new double[] {1, 1}, true, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not finite");
    }

    /** Six samples, five metrics, no true difference: at most about one study in twenty errs. */
    @Test
    void shouldSeldomSeeWhatIsNotThere() {
        var random = new SplittableRandom(3);
        var bootstrap = new Bootstrap(500, 1);
        int studies = 600;
        int wrong = 0;
        for (int s = 0; s < studies; s++) {
            var differences = new ArrayList<PairedDifference>();
            for (int metric = 0; metric < 5; metric++) {
                var second = new double[6];
                for (int i = 0; i < second.length; i++) {
                    // Two configurations that differ by chance alone, with heavy tails.
                    double one = Math.log(1 - random.nextDouble());
                    double other = Math.log(1 - random.nextDouble());
                    second[i] = one - other;
                }
                differences.add(PairedDifference.of(new double[6], second, bootstrap));
            }
            double[] p =
                    Holm.adjusted(differences.stream().mapToDouble(PairedDifference::p).toArray());
            boolean any = false;
            for (int metric = 0; metric < 5; metric++) {
                var kind = Verdict.of(differences.get(metric), p[metric], 5, true).kind();
                any |= kind == Kind.BETTER || kind == Kind.WORSE;
            }
            wrong += any ? 1 : 0;
        }
        assertThat(wrong / (double) studies).isLessThan(0.06);
    }

    @Test
    void shouldGiveNemenyisCriticalDifference() {
        var samples = List.of(new double[5], new double[5], new double[5], new double[5]);
        var ranks = AverageRanks.of(samples, true);
        assertThat(ranks.criticalDifference()).isCloseTo(3.05, within(0.005));
        assertThat(ranks.ranks()).containsOnly(3.0);
        assertThat(ranks.p()).isEqualTo(1);
    }

    private static Verdict judge(
            double[] first, double[] second, boolean higherIsBetter, int comparisons) {
        var difference = PairedDifference.of(first, second, Bootstrap.DEFAULT);
        return Verdict.of(
                difference, Math.min(1, difference.p() * comparisons), comparisons, higherIsBetter);
    }
}
