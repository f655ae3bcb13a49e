package dev.reelrank.grading.preference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.config.TuneConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

final class TrainingTest {
    private static final int FEATURES = 8;
    private static final List<String> NAMES =
            IntStream.range(0, FEATURES).mapToObj(i -> "f" + i).toList();

    @Test
    void shouldLearnAFixedTasteWithinSixtySelections() {
        double[] accuracies =
                LongStream.rangeClosed(1, 10)
                        .mapToDouble(
                                seed -> {
                                    var user = new SimulatedUser(seed);
                                    var model =
                                            Training.train(
                                                            NAMES,
                                                            null,
                                                            user.pairs(60),
                                                            TuneConfig.defaults())
                                                    .model();
                                    return Training.accuracy(model, user.pairs(400));
                                })
                        .toArray();
        assertThat(Arrays.stream(accuracies).average().orElseThrow()).isGreaterThan(0.9);
        assertThat(Arrays.stream(accuracies).min().orElseThrow()).isGreaterThan(0.85);
    }

    @Test
    void shouldNotForgetWhenItIsTrainedAgainAndAgain() {
        var user = new SimulatedUser(7);
        var all = user.pairs(60);
        PreferenceModel model = null;
        for (int n = 5; n <= 60; n += 5) {
            var trained = Training.train(NAMES, model, all.subList(0, n), TuneConfig.defaults());
            if (trained.kept()) {
                model = trained.model();
            }
        }
        assertThat(Training.accuracy(model, user.pairs(400))).isGreaterThan(0.9);
    }

    @Test
    void shouldBeginWithTheLossOfACoinToss() {
        var trained =
                Training.train(NAMES, null, new SimulatedUser(1).pairs(20), TuneConfig.defaults());
        assertThat(trained.losses().get(0)).isCloseTo(Math.log(2), within(1e-12));
        assertThat(trained.losses().get(trained.losses().size() - 1)).isLessThan(0.5);
    }

    @Test
    void shouldBeginAtTheParentsFunction() {
        var user = new SimulatedUser(3);
        var pairs = user.pairs(30);
        var parent = Training.train(NAMES, null, pairs, TuneConfig.defaults()).model();
        var again = Training.train(NAMES, parent, pairs, TuneConfig.defaults());
        // The margins equal the reference's at first, whatever the units.
        assertThat(again.losses().get(0)).isCloseTo(Math.log(2), within(1e-9));
    }

    @Test
    void shouldLearnASelectionOnceWhenItStandsThereTwice() {
        var pairs = new SimulatedUser(5).pairs(20);
        var doubled = new ArrayList<>(pairs);
        doubled.addAll(pairs);
        assertThat(Training.train(NAMES, null, doubled, TuneConfig.defaults()).model().weights())
                .isEqualTo(
                        Training.train(NAMES, null, pairs, TuneConfig.defaults())
                                .model()
                                .weights());
    }

    @Test
    void shouldNotKeepAModelThatGotWorseOnTheHeldOutPairs() {
        var user = new SimulatedUser(11);
        var good = Training.train(NAMES, null, user.pairs(60), TuneConfig.defaults()).model();
        var pairs =
                user.pairs(40).stream()
                        .map(
                                p ->
                                        Training.isHeldOut(p.id(), TuneConfig.defaults().heldOut())
                                                ? p
                                                : new FeaturePair(p.id(), p.rejected(), p.chosen()))
                        .toList();
        var trained = Training.train(NAMES, good, pairs, TuneConfig.defaults());
        assertThat(trained.kept()).isFalse();
        assertThat(trained.heldOutAfter()).isLessThan(trained.heldOutBefore());
    }

    @Test
    void shouldStayUndecidedWhenSelectionsContradictEachOther() {
        var a = new double[FEATURES];
        var b = new double[FEATURES];
        a[0] = 1;
        var pairs =
                IntStream.range(0, 40)
                        .mapToObj(
                                i ->
                                        i % 2 == 0
                                                ? new FeaturePair("s" + i, a, b)
                                                : new FeaturePair("s" + i, b, a))
                        .toList();
        var model = Training.train(NAMES, null, pairs, TuneConfig.defaults()).model();
        assertThat(model.prefers(a, b)).isBetween(0.3, 0.7);
    }

    /** Prefers by a fixed weighting of the features. */
    private static final class SimulatedUser {
        private final Random random;
        private final double[] taste = new double[FEATURES];
        private int next;

        SimulatedUser(long seed) {
            random = new Random(seed);
            for (int i = 0; i < FEATURES; i++) {
                // A taste has a few strong points and many indifferent ones.
                taste[i] = i < 3 ? random.nextGaussian() + (i == 0 ? 2 : 0) : 0;
            }
        }

        List<FeaturePair> pairs(int n) {
            var pairs = new ArrayList<FeaturePair>();
            for (int i = 0; i < n; i++) {
                double[] a = video();
                double[] b = video();
                boolean first = liking(a) >= liking(b);
                pairs.add(new FeaturePair("selection-" + next++, first ? a : b, first ? b : a));
            }
            return pairs;
        }

        private double[] video() {
            return random.doubles(FEATURES).map(x -> 5 * x + 3).toArray();
        }

        private double liking(double[] x) {
            return IntStream.range(0, FEATURES).mapToDouble(i -> taste[i] * x[i]).sum();
        }
    }
}
