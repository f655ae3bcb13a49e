package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PrecisionTest {
    private static double errorOfLogits(Precision precision) {
        try (var model = Fixtures.model(precision)) {
            var logits =
                    model.engine()
                            .forcedLogits(model.encode(Fixtures.chats().get("one")), List.of());
            return Fixtures.relativeError(logits.get(0), Fixtures.tensor("one.prefill"));
        }
    }

    @Test
    void shouldStayNearFloat32InBfloat16() {
        assertThat(errorOfLogits(Precision.BF16)).isBetween(1e-5, 0.05);
    }

    @Test
    void shouldReportHowFarFourBitsAreFromFloat32() {
        var error = errorOfLogits(Precision.INT4);
        System.out.printf("int4: relative error of the logits %.3f (random weights)%n", error);
        // Weights without structure are the worst case: 16 steps over their range.
        assertThat(error).isBetween(1e-3, 0.5);
    }

    @Test
    void shouldNeedLessMemoryInFourBits() {
        try (var four = Fixtures.model(Precision.INT4);
                var sixteen = Fixtures.model(Precision.BF16)) {
            assertThat(four.weightBytes()).isLessThan(sixteen.weightBytes());
        }
    }

    @Test
    void shouldChooseByDeviceWhereNothingIsSaid() {
        assertThat(Precision.parse("auto", Device.CPU)).isEqualTo(Precision.FP32);
        assertThat(Precision.parse("auto", new Device(0))).isEqualTo(Precision.BF16);
        assertThat(Precision.parse("int4", Device.CPU)).isEqualTo(Precision.INT4);
        assertThatThrownBy(() -> Precision.parse("int8", Device.CPU))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("auto, fp32, bf16 or int4");
    }
}
