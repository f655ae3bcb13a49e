package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ParametersTest {
    @TempDir Path folder;

    @Test
    void shouldComputeTheSameDuringAVisitAndAfterIt() {
        Path file = folder.resolve("w.safetensors");
        try (var scope = TensorScope.open();
                var parameters = new Parameters()) {
            SafetensorsWriter.write(
                    file,
                    Map.of("weight", Noise.normal(1, 32, 16), "bias", Noise.normal(2, 32)),
                    Map.of());
            Tensor x = Noise.normal(3, 4, 16);
            try (var checkpoint = Checkpoint.open(file)) {
                var weights = new Weights(checkpoint, TorchDevice.cpu(), DType.FLOAT32, parameters);
                Linear plain = Linear.load(weights, 16, 32, true);
                Linear quantized = Linear.load(weights, 16, 32, true, LinearFormat.FLOAT8_DYNAMIC);
                float[] before = Ops.floats(plain.apply(x));
                float[] rounded = Ops.floats(quantized.apply(x));
                long bytes = parameters.bytes();
                for (int visit = 0; visit < 3; visit++) {
                    parameters.visit(TorchDevice.cpu());
                    assertThat(Ops.floats(plain.apply(x))).isEqualTo(before);
                    assertThat(Ops.floats(quantized.apply(x))).isEqualTo(rounded);
                    parameters.leave();
                    assertThat(Ops.floats(plain.apply(x))).isEqualTo(before);
                    assertThat(Ops.floats(quantized.apply(x))).isEqualTo(rounded);
                }
                assertThat(parameters.bytes()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void aVisitThatFailsShouldLeaveNothingHalfThere() {
        try (var scope = TensorScope.open();
                var parameters = new Parameters()) {
            Tensor first = parameters.own(Noise.normal(1, 4));
            float[] before = Ops.floats(first);
            // What a visit cannot place stands for what finds no memory.
            parameters.own(torch.view_as_complex(Noise.normal(4, 3, 2)));
            Tensor last = parameters.own(Noise.normal(3, 4));
            assertThatThrownBy(() -> parameters.visit(TorchDevice.cpu()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(parameters.visiting()).isFalse();
            assertThat(Ops.floats(first)).isEqualTo(before);
            assertThat(last.defined()).isTrue();
        }
    }
}
