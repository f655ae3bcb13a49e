package dev.reelrank.bench.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.pipeline.Device;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.TorchRuntime;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What rounding costs. */
final class WanProbeIT {
    @Test
    void shouldLoseLittleWithShorterNumbers() {
        var probe = new WanProbe(TorchDevice.cpu(), Architecture.TINY, 64, 64, 5);
        assertThat(probe.error(Precision.BF16)).isBetween(1e-4, 0.02);
        assertThat(probe.error(Precision.FP8_WEIGHTS)).isBetween(1e-3, 0.06);
        double float8 = probe.error(Precision.FP8);
        assertThat(float8).isBetween(1e-3, 0.08);
        assertThat(probe.error(Precision.FP8_ATTENTION)).isBetween(float8, 0.1);
    }

    static boolean gpu() {
        return TorchRuntime.cudaAvailable();
    }

    @ParameterizedTest
    @EnumSource(names = {"BF16", "FP8", "FP8_ATTENTION"})
    @EnabledIf("gpu")
    void shouldAgreeWithTheUnfusedComputationOnAGpu(Precision precision) {
        var gpu = TorchDevice.of(Device.parse("cuda:0"));
        var probe = new WanProbe(gpu, Architecture.TINY, 64, 64, 5);
        assertThat(probe.error(precision))
                .isCloseTo(probe.unfusedError(precision), Percentage.withPercentage(20));
    }
}
