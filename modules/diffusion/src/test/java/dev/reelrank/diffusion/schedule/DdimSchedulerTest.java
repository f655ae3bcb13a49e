package dev.reelrank.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.diffusion.schedule.DdimSettings.Spacing;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Numbers of diffusers' DDIMScheduler and CogVideoXDDIMScheduler. */
final class DdimSchedulerTest {
    private static final double[] LINEAR = SignalSquares.linear(.00085, .012, 1000);
    private static final double[] SCALED = SignalSquares.scaledLinear(.00085, .012, 1000);

    private static DdimSettings settings(
            double[] squares,
            PredictionType prediction,
            Spacing spacing,
            boolean endsClean,
            double clip) {
        return new DdimSettings(
                NoiseSchedule.variancePreserving(squares), prediction, spacing, 1, endsClean, clip);
    }

    @ParameterizedTest
    @CsvSource({
        "0, .99914998, .99914998",
        "1, .99828953, .99829602",
        "250, .56878805, .67379230",
        "961, .00247833, .00728172",
        "999, .00157896, .00466010"
    })
    void shouldKnowTheSignalOfBothPublishedSchedules(int t, double linear, double scaled) {
        assertThat(LINEAR[t]).isCloseTo(linear, within(1e-6));
        assertThat(SCALED[t]).isCloseTo(scaled, within(1e-6));
    }

    @Test
    void shouldTakeTheStepsOfDiffusersForEpsilon() {
        var scheduler =
                new DdimScheduler(
                        settings(
                                LINEAR,
                                PredictionType.EPSILON,
                                Spacing.LEADING,
                                false,
                                Double.POSITIVE_INFINITY),
                        5);
        assertThat(scheduler.timesteps()).containsExactly(801, 601, 401, 201, 1);
        assertEnds(scheduler, -0.142073, -2.087597, 4.635143, 0.131491);
    }

    @Test
    void shouldCutCleanSamplesAsDiffusersDoes() {
        var scheduler =
                new DdimScheduler(
                        settings(SCALED, PredictionType.EPSILON, Spacing.LINSPACE, true, 1), 4);
        assertThat(scheduler.timesteps()).containsExactly(999, 666, 333, 0);
        assertEnds(scheduler, 0.670839, -0.131824, 0.93282, -0.000778);
    }

    @Test
    void shouldBeginWithoutSignalWhereTheScheduleDoes() {
        var scheduler =
                new DdimScheduler(
                        settings(
                                SignalSquares.endingInNoise(SCALED),
                                PredictionType.V,
                                Spacing.TRAILING,
                                true,
                                Double.POSITIVE_INFINITY),
                        6);
        assertThat(scheduler.timesteps()).containsExactly(999, 832, 666, 499, 332, 166);
        assertThat(scheduler.signal(0)).isZero();
        assertEnds(scheduler, 0, 0.07389, 1.787553, 0);
    }

    @Test
    void shouldTakeTheStepsOfCogVideoX() {
        var squares = SignalSquares.endingInNoise(SignalSquares.shifted(SCALED, 3));
        var scheduler =
                new DdimScheduler(
                        settings(
                                squares,
                                PredictionType.V,
                                Spacing.TRAILING,
                                true,
                                Double.POSITIVE_INFINITY),
                        6);
        assertEnds(scheduler, 0.003254, 0.084726, 1.730642, 0.000582);
    }

    private static void assertEnds(Scheduler scheduler, double... wanted) {
        try (var scope = TensorScope.open()) {
            Tensor x = Ops.tensor(new float[] {0.5f, -1.25f, 2.0f, 0.125f}, 4);
            double[] timesteps = scheduler.timesteps();
            for (int i = 0; i < timesteps.length; i++) {
                Tensor made = torch.sin(Ops.mul(x, 3)).add(Ops.mul(x, timesteps[i] / 1000));
                x = scheduler.step(i, made, x);
            }
            float[] values = Ops.floats(x);
            for (int i = 0; i < wanted.length; i++) {
                assertThat((double) values[i]).isCloseTo(wanted[i], within(1e-5));
            }
        }
    }

    @Test
    void shouldSayHowMuchOfEachThereIsAtEveryStep() {
        var scheduler =
                new DdimScheduler(
                        settings(
                                LINEAR,
                                PredictionType.EPSILON,
                                Spacing.LEADING,
                                false,
                                Double.POSITIVE_INFINITY),
                        25);
        assertThat(scheduler.timesteps()[0]).isEqualTo(961);
        double[] sigmas = scheduler.sigmas();
        assertThat(sigmas).hasSize(26);
        for (int i = 0; i < 25; i++) {
            assertThat(scheduler.noise(i)).isEqualTo(sigmas[i]);
            assertThat(Math.hypot(scheduler.signal(i), scheduler.noise(i)))
                    .isCloseTo(1, within(1e-12));
        }
        assertThat(sigmas[25]).isCloseTo(Math.sqrt(1 - .99914998), within(1e-5));
    }

    @Test
    void shouldRefuseMoreStepsThanTheTrainingHad() {
        var settings =
                settings(
                        LINEAR,
                        PredictionType.EPSILON,
                        Spacing.LEADING,
                        false,
                        Double.POSITIVE_INFINITY);
        assertThatThrownBy(() -> new DdimScheduler(settings, 1001))
                .hasMessageContaining("steps is '1001'; this scheduler makes 1 to 1000");
    }
}
