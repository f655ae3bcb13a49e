package dev.reelrank.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Outputs and gradients of every layer against those of PyTorch (make_gradients.py). */
final class GradientsTest {
    private static final Path FIXTURE = Path.of("src/test/resources/torch/gradients.safetensors");

    private final Checkpoint expected = Checkpoint.open(FIXTURE);
    private final Parameters parameters = new Parameters();
    private TensorScope scope;

    @TempDir Path folder;

    /** Builds a layer from a case's weights. */
    private interface Layer extends BiFunction<Weights, Case, UnaryOperator<Tensor>> {}

    /** A case's other tensors. */
    private record Case(Checkpoint expected, String name) {
        Tensor get(String part) {
            return expected.stored(name + "." + part);
        }
    }

    @BeforeEach
    void open() {
        scope = TensorScope.recording();
    }

    @AfterEach
    void close() {
        scope.close();
        parameters.close();
        expected.close();
    }

    private static Arguments layer(String name, Layer layer) {
        return Arguments.of(name, layer);
    }

    static Stream<Arguments> layers() {
        return Stream.of(
                layer("linear", (w, c) -> Linear.load(w, 8, 6, true)::apply),
                layer("linear_plain", (w, c) -> Linear.load(w, 8, 6, false)::apply),
                layer("linear_gelu", (w, c) -> Linear.load(w, 8, 6, true)::applyGelu),
                layer(
                        "linear_bf16",
                        (w, c) -> Linear.load(w.as(DType.BFLOAT16), 16, 8, true)::apply),
                layer("layer_norm", (w, c) -> LayerNorm.load(w, 8, 1e-5)::apply),
                layer(
                        "layer_norm_plain",
                        (w, c) -> LayerNorm.plain(w.parameters(), 8, 1e-6)::apply),
                layer("rms_norm", (w, c) -> RmsNorm.load(w, 8, 1e-6)::apply),
                layer("group_norm", (w, c) -> norm(w, 4, 1e-6)::apply),
                layer(
                        "group_norm_video",
                        (w, c) ->
                                x ->
                                        norm(w, 2, 1e-5)
                                                .together(frames(x), x.size(2))
                                                .unflatten(0, new long[] {-1, x.size(2)})
                                                .permute(0, 2, 1, 3, 4)),
                layer("conv2d", (w, c) -> Conv2d.load(w, 3, 4, 3, 2, 1)::apply),
                layer(
                        "conv3d",
                        (w, c) ->
                                Conv3d.load(
                                                w,
                                                3,
                                                4,
                                                new long[] {3, 3, 3},
                                                new long[] {1, 2, 2},
                                                new long[] {1, 1, 1})
                                        ::apply),
                layer("causal_conv3d", (w, c) -> causal(w, 1)),
                layer("causal_conv3d_strided", (w, c) -> causal(w, 2)),
                layer("rotary_pairs", (w, c) -> x -> Rotary.pairs(x, c.get("cos"), c.get("sin"))),
                layer("rotary_halves", (w, c) -> x -> Rotary.halves(x, c.get("cos"), c.get("sin"))),
                layer("attention", (w, c) -> x -> Attention.apply(x, c.get("key"), c.get("value"))),
                layer(
                        "attention_key",
                        (w, c) -> x -> Attention.apply(c.get("query"), x, c.get("value"))),
                layer(
                        "attention_value",
                        (w, c) -> x -> Attention.apply(c.get("query"), c.get("key"), x)),
                layer(
                        "attention_causal",
                        (w, c) -> x -> Attention.causal(x, c.get("key"), c.get("value"))),
                layer(
                        "attention_masked",
                        (w, c) ->
                                x ->
                                        Attention.apply(
                                                x,
                                                c.get("key"),
                                                c.get("value"),
                                                c.get("mask"),
                                                0.3)),
                layer("gelu", (w, c) -> Ops::gelu),
                layer("gelu_exact", (w, c) -> Ops::geluExact),
                layer("silu", (w, c) -> Ops::silu),
                layer("softmax", (w, c) -> x -> Ops.softmaxFloat(x, -1)));
    }

    private static PictureNorm norm(Weights weights, long groups, double epsilon) {
        return PictureNorm.load(weights, groups, 8, epsilon, new PictureKernels(TorchDevice.cpu()));
    }

    /** Shape (batch, channels, frames, height, width) as (batch · frames, channels, …). */
    private static Tensor frames(Tensor videos) {
        return videos.permute(0, 2, 1, 3, 4).flatten(0, 1);
    }

    private static UnaryOperator<Tensor> causal(Weights weights, long frameStride) {
        var conv = CausalConv3d.load(weights, 3, 2, 3, 3, frameStride);
        return x -> conv.apply(x, null);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("layers")
    void shouldComputeTheGradientsOfPyTorch(String name, Layer layer) {
        var weights = new Weights(expected, TorchDevice.cpu(), DType.FLOAT32, parameters);
        var c = new Case(expected, name);
        Tensor x = Gradients.leaf(c.get("x"));
        Tensor y = layer.apply(weights.child(name), c).apply(x);
        Gradients.backward(y, c.get("g"));
        double tolerance = DType.of(x) == DType.BFLOAT16 ? 1e-2 : 1e-5;
        assertClose(y, c.get("y"), tolerance, "output");
        assertClose(Gradients.of(x), c.get("dx"), tolerance, "gradient");
    }

    @Test
    void shouldSumTheGradientsOfARowLookedUpTwice() {
        var c = new Case(expected, "embedding");
        Tensor table = Gradients.leaf(c.get("weight"));
        Tensor y = org.bytedeco.pytorch.global.torch.embedding(table, c.get("ids"));
        Gradients.backward(y, c.get("g"));
        assertClose(Gradients.of(table), c.get("dx"), 1e-6, "gradient");
    }

    @Test
    void shouldPassGradientsThroughFrozenFloat8Weights() {
        SafetensorsWriter.write(
                folder.resolve("w.safetensors"),
                Map.of("weight", Noise.normal(1, 48, 64), "bias", Noise.normal(2, 48)),
                Map.of());
        try (var checkpoint = Checkpoint.open(folder.resolve("w.safetensors"))) {
            var weights = new Weights(checkpoint, TorchDevice.cpu(), DType.FLOAT32, parameters);
            Linear layer = Linear.load(weights, 64, 48, true, LinearFormat.FLOAT8_WEIGHTS);
            Tensor zero = layer.apply(Ops.zeros(TorchDevice.cpu(), DType.FLOAT32, 1, 64));
            Tensor rows = layer.apply(org.bytedeco.pytorch.global.torch.eye(64)).sub(zero);
            Tensor x = Gradients.leaf(Noise.normal(3, 5, 64));
            Tensor g = Noise.normal(4, 5, 48);
            Gradients.backward(layer.apply(x), g);
            assertClose(Gradients.of(x), g.matmul(rows.t()), 1e-5, "gradient");

            Linear inference = Linear.load(weights, 64, 48, true, LinearFormat.FLOAT8_DYNAMIC);
            assertThatThrownBy(() -> inference.apply(x))
                    .isInstanceOf(StageException.class)
                    .hasMessageContaining("fp8-weights");
        }
    }

    @Test
    void shouldRecordOnlyWhereAScopeSaysSo() {
        assertThat(TensorScope.isRecording()).isTrue();
        Tensor x = Gradients.leaf(Noise.normal(1, 3));
        try (var inherited = TensorScope.open()) {
            assertThat(Ops.mul(x, 2).requires_grad()).isTrue();
            try (var off = TensorScope.inference()) {
                assertThat(Ops.mul(x, 2).requires_grad()).isFalse();
                assertThat(TensorScope.compute(() -> Ops.mul(x, 2)).requires_grad()).isFalse();
            }
            assertThat(TensorScope.compute(() -> Ops.mul(x, 2)).requires_grad()).isTrue();
        }
        scope.close();
        try (var outermost = TensorScope.open()) {
            assertThat(TensorScope.isRecording()).isFalse();
            Tensor leaf = Gradients.leaf(Noise.normal(1, 3));
            assertThat(Ops.mul(leaf, 2).requires_grad()).isFalse();
        }
        scope = TensorScope.recording();
    }

    @Test
    void shouldKeepAGradientAfterItsLeafIsFreed() {
        Tensor gradient;
        try (var inner = TensorScope.open()) {
            gradient =
                    TensorScope.compute(
                            () -> {
                                Tensor x = Gradients.leaf(Noise.normal(1, 256, 256));
                                assertThat(Gradients.present(x)).isFalse();
                                assertThatThrownBy(() -> Gradients.of(x))
                                        .isInstanceOf(IllegalStateException.class);
                                Gradients.backward(Ops.mul(x, 3).sum());
                                assertThat(Gradients.present(x)).isTrue();
                                return Gradients.of(x);
                            });
            for (int i = 0; i < 20; i++) {
                // Would take the memory of a gradient that had been freed with its leaf.
                Noise.normal(i, 256, 256);
            }
            assertThat(Ops.floats(gradient)).containsOnly(3);
            Tensor x = Gradients.leaf(gradient);
            Gradients.backward(x.sum());
            Gradients.clear(x);
            assertThat(Gradients.present(x)).isFalse();
        }
    }

    @Test
    void shouldFreeATemporaryEarlyAndStillComputeItsGradient() {
        Tensor x = Gradients.leaf(Ops.tensor(new float[] {1, 2}, 2));
        Tensor square = x.mul(x);
        Tensor y = square.mul(square);
        TensorScope.release(square);
        assertThat(square.isNull()).isTrue();
        Gradients.backward(y.sum());
        assertThat(Ops.floats(Gradients.of(x))).containsExactly(4, 32);
    }

    @Test
    void shouldComputeAttentionGradientsOnAGpuWithEveryBackend() {
        assumeThat(TorchRuntime.cudaAvailable()).isTrue();
        var gpu = TorchDevice.of(Device.parse("cuda:0"));
        var wanted = attentionGradients(gpu, AttentionBackend.MATH);
        for (var backend : List.of(AttentionBackend.FLASH, AttentionBackend.CUDNN)) {
            var found = attentionGradients(gpu, backend);
            for (int i = 0; i < wanted.length; i++) {
                assertClose(found[i], wanted[i], 2e-2, backend + " input " + i);
            }
        }
    }

    private static Tensor[] attentionGradients(TorchDevice gpu, AttentionBackend backend) {
        AttentionBackend.prefer(List.of(backend));
        try {
            var inputs = new Tensor[3];
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] =
                        Gradients.leaf(gpu.place(Noise.normal(i, 1, 4, 300, 128), DType.BFLOAT16));
            }
            Tensor y = Attention.apply(inputs[0], inputs[1], inputs[2]);
            Gradients.backward(y, gpu.place(Noise.normal(9, y.shape()), DType.BFLOAT16));
            return Stream.of(inputs)
                    .map(x -> Ops.to(Gradients.of(x), DType.FLOAT32))
                    .toArray(Tensor[]::new);
        } finally {
            AttentionBackend.prefer(AttentionBackend.FASTEST_FIRST);
        }
    }

    /** Relative to the largest magnitude of what is expected. */
    private static void assertClose(Tensor actual, Tensor wanted, double tolerance, String what) {
        assertThat(actual.shape()).as(what).containsExactly(wanted.shape());
        double error = actual.detach().sub(wanted).abs().max().item().toDouble();
        double scale = wanted.abs().max().item().toDouble();
        assertThat(error / scale).as(what).isLessThan(tolerance);
    }
}
