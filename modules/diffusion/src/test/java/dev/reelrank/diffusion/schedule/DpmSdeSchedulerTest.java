package dev.reelrank.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.schedule.DdimSettings.Spacing;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.NoiseStream;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;

/** CogVideoX's parity test compares whole trajectories with diffusers. */
final class DpmSdeSchedulerTest {
    private static final DdimSettings SETTINGS =
            new DdimSettings(
                    NoiseSchedule.variancePreserving(
                            SignalSquares.endingInNoise(
                                    SignalSquares.scaledLinear(0.00085, 0.012, 1000))),
                    PredictionType.V,
                    Spacing.TRAILING,
                    0,
                    true,
                    Double.POSITIVE_INFINITY);

    private static DpmSdeScheduler scheduler(int steps, NoiseStream noise) {
        return new DpmSdeScheduler(SETTINGS, steps, () -> noise.next(4, 5));
    }

    @Test
    void shouldEndAtTheCleanSampleOfPerfectPredictions() {
        try (var scope = TensorScope.open();
                var noise = new NoiseStream(3)) {
            var scheduler = scheduler(10, noise);
            Tensor clean = Noise.normal(1, 4, 5);
            Tensor x = Noise.normal(2, 4, 5);
            for (int i = 0; i < 10; i++) {
                double signal = scheduler.signal(i);
                double share = scheduler.noise(i);
                Tensor epsilon = Ops.mul(x.sub(Ops.mul(clean, signal)), 1 / share);
                x = scheduler.step(i, PredictionType.V.target(clean, epsilon, signal, share), x);
                assertThat(x.equal(clean)).isFalse();
            }
            assertThat(x.sub(clean).abs().max().item_float()).isLessThan(1e-5f);
            scheduler.close();
        }
    }

    @Test
    void shouldGoOnFromAPauseWithTheNoiseThatFollows() {
        try (var scope = TensorScope.open();
                var noise = new NoiseStream(9);
                var other = new NoiseStream(9)) {
            var whole = scheduler(6, noise);
            Tensor x = Noise.normal(2, 4, 5);
            for (int i = 0; i < 3; i++) {
                x = whole.step(i, x.sin(), x);
            }
            var resumed = scheduler(6, other);
            resumed.recall(3, whole.remembered());
            Tensor y = x;
            for (int i = 3; i < 6; i++) {
                x = whole.step(i, x.sin(), x);
                y = resumed.step(i, y.sin(), y);
            }
            assertThat(x.equal(y)).isTrue();
            whole.close();
            resumed.close();
        }
    }
}
