package dev.reelrank.diffusion.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class PredictionTypeTest {
    /** Products of (1 - beta) with the scaled linear betas of Stable Diffusion. */
    private static double[] stableDiffusion() {
        double[] squares = new double[1000];
        double product = 1;
        for (int i = 0; i < squares.length; i++) {
            double root = Math.sqrt(0.00085) + (Math.sqrt(0.012) - Math.sqrt(0.00085)) * i / 999;
            product *= 1 - root * root;
            squares[i] = product;
        }
        return squares;
    }

    private static NoiseSchedule schedule(PredictionType type) {
        return type == PredictionType.FLOW
                ? NoiseSchedule.rectifiedFlow(1000)
                : NoiseSchedule.variancePreserving(stableDiffusion());
    }

    @ParameterizedTest
    @CsvSource({
        "FLOW,1",
        "FLOW,500",
        "FLOW,999",
        "EPSILON,0",
        "EPSILON,500",
        "EPSILON,900",
        "V,0",
        "V,500",
        "V,999"
    })
    void shouldGiveBackTheCleanSampleForAPerfectPrediction(PredictionType type, double timestep) {
        var schedule = schedule(type);
        double signal = schedule.signal(timestep);
        double noise = schedule.noise(timestep);
        try (var scope = TensorScope.open()) {
            Tensor clean = Noise.normal(1, 64);
            Tensor epsilon = Noise.normal(2, 64);
            Tensor sample = Ops.mul(clean, signal).add(Ops.mul(epsilon, noise));
            Tensor prediction = type.target(clean, epsilon, signal, noise);
            float[] found = Ops.floats(type.clean(sample, prediction, signal, noise));
            float[] wanted = Ops.floats(clean);
            IntStream.range(0, wanted.length)
                    .forEach(i -> assertThat(found[i]).isCloseTo(wanted[i], within(1e-4f)));
        }
    }

    @Test
    void shouldHaveTheNoiseOfThePublishedSchedules() {
        var flow = NoiseSchedule.rectifiedFlow(1000);
        assertThat(flow.signal(250)).isEqualTo(0.75);
        assertThat(flow.noise(250)).isEqualTo(0.25);
        // The last product of Stable Diffusion's betas, as diffusers prints it.
        var diffusion = NoiseSchedule.variancePreserving(stableDiffusion());
        assertThat(diffusion.signal(999) * diffusion.signal(999)).isCloseTo(0.00466, within(1e-5));
        assertThat(
                        diffusion.signal(7) * diffusion.signal(7)
                                + diffusion.noise(7) * diffusion.noise(7))
                .isCloseTo(1, within(1e-12));
    }

    @Test
    void shouldRefuseATimestepThatTheScheduleDoesNotHave() {
        var diffusion = NoiseSchedule.variancePreserving(stableDiffusion());
        assertThatThrownBy(() -> diffusion.signal(1000)).hasMessageContaining("0 to 999");
        assertThatThrownBy(() -> diffusion.noise(0.5)).hasMessageContaining("integer steps");
    }
}
