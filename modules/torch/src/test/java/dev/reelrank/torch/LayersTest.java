package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LayersTest {
    @TempDir Path folder;

    private final TorchDevice cpu = TorchDevice.cpu();

    @Test
    void shouldDrawTheNumbersThatPythonDraws() {
        try (var scope = TensorScope.open()) {
            float[] few = Ops.floats(Noise.normal(0, 3));
            assertThat(few[0]).isEqualTo(1.5409961f);
            assertThat(few[1]).isEqualTo(-0.2934289f);
            assertThat(few[2]).isEqualTo(-2.1787894f);
            float[] many = Ops.floats(Noise.normal(42, 4, 5));
            assertThat(many[0]).isCloseTo(1.9269f, within(1e-4f));
            assertThat(many[2]).isCloseTo(0.9007f, within(1e-4f));
        }
    }

    @Test
    void shouldStayCloseToTheDenseProductWhenWeightsAreFloat8() {
        try (var scope = TensorScope.open();
                var parameters = new Parameters()) {
            Path file = folder.resolve("w.safetensors");
            SafetensorsWriter.write(
                    file,
                    Map.of("weight", Noise.normal(1, 48, 64), "bias", Noise.normal(2, 48)),
                    Map.of());
            try (var checkpoint = Checkpoint.open(file)) {
                var weights = new Weights(checkpoint, cpu, DType.FLOAT32, parameters);
                Tensor x = Noise.normal(3, 5, 64);
                Tensor dense = Linear.load(weights, 64, 48, true).apply(x);
                for (var format :
                        new LinearFormat[] {
                            LinearFormat.FLOAT8_WEIGHTS, LinearFormat.FLOAT8_DYNAMIC
                        }) {
                    Tensor quantized = Linear.load(weights, 64, 48, true, format).apply(x);
                    double error =
                            quantized.sub(dense).norm().item_float() / dense.norm().item_float();
                    assertThat(error).as(format.name()).isGreaterThan(1e-4).isLessThan(0.05);
                    assertThat(quantized.shape()).containsExactly(5, 48);
                }
            }
        }
    }

    @Test
    void shouldMultiplyInBfloat16OnEveryProcessor() {
        try (var scope = TensorScope.open();
                var parameters = new Parameters()) {
            var weights =
                    new Weights(new RepeatableTensors(), cpu, DType.BFLOAT16, parameters)
                            .child("layer");
            Tensor x = Ops.to(Noise.normal(3, 5, 64), DType.BFLOAT16);
            Linear layer = Linear.load(weights, 64, 48, true);
            Tensor exact =
                    Linear.load(weights.as(DType.FLOAT32), 64, 48, true)
                            .apply(Ops.to(x, DType.FLOAT32));
            double error =
                    layer.apply(x).sub(exact).norm().item_float() / exact.norm().item_float();
            assertThat(error).isLessThan(0.01);
            assertThat(DType.of(layer.applyGelu(x))).isEqualTo(DType.BFLOAT16);
        }
    }

    @Test
    void shouldRotatePairsAndHalvesByTheSameAngle() {
        try (var scope = TensorScope.open()) {
            Tensor cos = Ops.tensor(new float[] {0, (float) Math.cos(0.3)}, 2);
            Tensor sin = Ops.tensor(new float[] {1, (float) Math.sin(0.3)}, 2);
            float[] pairs =
                    Ops.floats(Rotary.pairs(Ops.tensor(new float[] {1, 2, 3, 4}, 4), cos, sin));
            float[] halves =
                    Ops.floats(
                            Rotary.halves(
                                    Ops.tensor(new float[] {1, 3, 2, 4}, 4),
                                    Ops.cat(0, cos, cos),
                                    Ops.cat(0, sin, sin)));
            assertThat(pairs).containsExactly(-2, 1, halves[1], halves[3]);
            assertThat(halves[0]).isEqualTo(-2);
            assertThat(halves[2]).isEqualTo(1);
            assertThat(pairs[2])
                    .isCloseTo((float) (3 * Math.cos(0.3) - 4 * Math.sin(0.3)), within(1e-6f));
        }
    }

    @Test
    void shouldAttendInGroupsWhenThereAreFewerKeys() {
        try (var scope = TensorScope.open()) {
            Tensor q = Noise.normal(1, 1, 4, 6, 8);
            Tensor k = Noise.normal(2, 1, 2, 6, 8);
            Tensor v = Noise.normal(3, 1, 2, 6, 8);
            Tensor grouped = Attention.causal(q, k, v);
            Tensor repeated =
                    Attention.causal(
                            q,
                            k.repeat_interleave(
                                    2,
                                    new org.bytedeco.pytorch.LongOptional(1),
                                    new org.bytedeco.pytorch.LongOptional()),
                            v.repeat_interleave(
                                    2,
                                    new org.bytedeco.pytorch.LongOptional(1),
                                    new org.bytedeco.pytorch.LongOptional()));
            assertThat(grouped.sub(repeated).abs().max().item_float()).isLessThan(1e-5f);
        }
    }

    @Test
    void shouldNormaliseToUnitMeanSquare() {
        try (var scope = TensorScope.open();
                var parameters = new Parameters()) {
            Path file = folder.resolve("n.safetensors");
            SafetensorsWriter.write(
                    file, Map.of("weight", Ops.tensor(new float[] {1, 1, 1, 2}, 4)), Map.of());
            try (var checkpoint = Checkpoint.open(file)) {
                var norm =
                        RmsNorm.load(new Weights(checkpoint, cpu, DType.FLOAT32, parameters), 4, 0);
                assertThat(Ops.floats(norm.apply(Ops.tensor(new float[] {3, -3, 3, 3}, 1, 4))))
                        .containsExactly(1, -1, 1, 2);
            }
        }
    }
}
