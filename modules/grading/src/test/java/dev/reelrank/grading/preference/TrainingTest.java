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
        double right = 0;
        for (int seed = 1; seed <= 10; seed++) {
            var user = new SimulatedUser(seed);
            var all = user.pairs(60);
            PreferenceModel model = null;
            for (int n = 5; n <= 60; n += 5) {
                var trained =
                        Training.train(NAMES, model, all.subList(0, n), TuneConfig.defaults());
                if (trained.kept()) {
                    model = trained.model();
                }
            }
            right += Training.accuracy(model, user.pairs(400));
        }
        assertThat(right / 10).isGreaterThan(0.9);
    }

    @Test
    void shouldNotCallEveryVideoOfABrightSampleLiked() {
        var user = new SimulatedUser(4);
        var pairs = new ArrayList<FeaturePair>();
        for (int sample = 0; sample < 8; sample++) {
            pairs.addAll(user.pairsOfASample(3));
        }
        var model = Training.train(NAMES, null, pairs, TuneConfig.defaults()).model();
        assertThat(model.spread()).isGreaterThan(2);
        var estimates =
                pairs.stream()
                        .flatMap(p -> java.util.stream.Stream.of(p.chosen(), p.rejected()))
                        .mapToDouble(model::estimate)
                        .toArray();
        assertThat(Arrays.stream(estimates).min().orElseThrow()).isGreaterThan(0.03);
        assertThat(Arrays.stream(estimates).max().orElseThrow()).isLessThan(0.97);
        assertThat(Arrays.stream(estimates).average().orElseThrow()).isCloseTo(0.5, within(0.1));
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
        var more = new ArrayList<>(pairs);
        more.addAll(user.pairs(5));
        var parent = Training.train(NAMES, null, pairs, TuneConfig.defaults()).model();
        var again = Training.train(NAMES, parent, more, TuneConfig.defaults());
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
    void shouldNotKeepAModelThatIsWorseOnSelectionsThatNeitherHasLearned() {
        var user = new SimulatedUser(11);
        var known = user.pairs(60);
        var good = Training.train(NAMES, null, known, TuneConfig.defaults()).model();
        // What was learned is spoiled, so that learning it again can only harm.
        var pairs = new ArrayList<FeaturePair>();
        known.forEach(
                p -> pairs.add(new FeaturePair(p.id(), p.sample(), p.rejected(), p.chosen())));
        pairs.addAll(user.pairs(10));
        var trained = Training.train(NAMES, good, pairs, TuneConfig.defaults());
        assertThat(trained.heldOutAfter()).isLessThan(trained.heldOutBefore());
        assertThat(trained.kept()).isFalse();
    }

    @Test
    void shouldLearnNothingWhereThereIsNothingNew() {
        var pairs = new SimulatedUser(13).pairs(20);
        var parent = Training.train(NAMES, null, pairs, TuneConfig.defaults()).model();
        var again = Training.train(NAMES, parent, pairs, TuneConfig.defaults());
        assertThat(again.kept()).isFalse();
        assertThat(again.model()).isSameAs(parent);
        assertThat(again.losses()).isEmpty();
    }

    @Test
    void shouldFollowATasteThatHasChanged() {
        var user = new SimulatedUser(17);
        var before = user.pairs(20);
        var parent = Training.train(NAMES, null, before, TuneConfig.defaults()).model();
        var pairs = new ArrayList<>(before);
        user.pairs(60)
                .forEach(
                        p ->
                                pairs.add(
                                        new FeaturePair(
                                                p.id(), p.sample(), p.rejected(), p.chosen())));
        var trained = Training.train(NAMES, parent, pairs, TuneConfig.defaults());
        assertThat(trained.kept()).isTrue();
        assertThat(trained.heldOutAfter()).isGreaterThan(trained.heldOutBefore());
    }

    /** Four samples of three candidates each, every two of them compared: twelve selections. */
    @Test
    void shouldKeepAVersionWithinADozenConsistentSelectionsOfAFewSamples() {
        int kept = 0;
        double right = 0;
        for (int seed = 1; seed <= 50; seed++) {
            var user = new SimulatedUser(seed);
            var pairs = new ArrayList<FeaturePair>();
            for (int sample = 0; sample < 4; sample++) {
                pairs.addAll(user.pairsOfASample(3));
            }
            PreferenceModel model = null;
            for (int n : new int[] {5, 10, 12}) {
                var trained =
                        Training.train(NAMES, model, pairs.subList(0, n), TuneConfig.defaults());
                model = trained.kept() ? trained.model() : model;
            }
            if (model != null) {
                kept++;
                var others = new ArrayList<FeaturePair>();
                for (int sample = 0; sample < 20; sample++) {
                    others.addAll(user.pairsOfASample(3));
                }
                right += Training.accuracy(model, others);
            }
        }
        assertThat(kept).as("of 50 users").isGreaterThanOrEqualTo(48);
        assertThat(right / kept).as("on other samples").isGreaterThan(0.7);
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
                                                ? new FeaturePair("s" + i, "sample" + i, a, b)
                                                : new FeaturePair("s" + i, "sample" + i, b, a))
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
                String id = "selection-" + next++;
                pairs.add(new FeaturePair(id, id, first ? a : b, first ? b : a));
            }
            return pairs;
        }

        /**
         * Every two of some candidates of one sample, which differ ten times less among themselves
         * than samples do.
         */
        List<FeaturePair> pairsOfASample(int candidates) {
            double[] scene = video();
            var videos = new ArrayList<double[]>();
            for (int i = 0; i < candidates; i++) {
                double[] candidate = video();
                for (int f = 0; f < FEATURES; f++) {
                    candidate[f] = scene[f] + candidate[f] / 10;
                }
                videos.add(candidate);
            }
            var pairs = new ArrayList<FeaturePair>();
            String sample = "sample-" + next;
            for (int i = 0; i < candidates; i++) {
                for (int j = i + 1; j < candidates; j++) {
                    double[] a = videos.get(i);
                    double[] b = videos.get(j);
                    boolean first = liking(a) >= liking(b);
                    pairs.add(
                            new FeaturePair(
                                    "selection-" + next++, sample, first ? a : b, first ? b : a));
                }
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
