package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every damage to a LoRA is an error that names the file and the key. */
final class BadLorasIT {
    private static final String LAYER = "diffusion_model.blocks.0.self_attn.q";
    private static final String DOWN = LAYER + ".lora_down.weight";
    private static final String UP = LAYER + ".lora_up.weight";
    private static final String ALPHA = LAYER + ".alpha";

    private final WanSnapshot snapshot = WanSnapshot.open(Fixtures.I2V);
    private TensorScope scope;

    @TempDir Path folder;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private LoraSpec lora(Map<String, Tensor> change, Map<String, String> metadata) {
        var tensors = new TreeMap<String, Tensor>();
        tensors.put(DOWN, Noise.normal(1, 2, 24));
        tensors.put(UP, Noise.normal(2, 24, 2));
        tensors.putAll(change);
        Path path = folder.resolve("style.safetensors");
        SafetensorsWriter.write(path, tensors, metadata);
        return new LoraSpec(path, 1);
    }

    private void assertRefused(Map<String, Tensor> change, String... parts) {
        var spec = lora(change, Map.of());
        var thrown = assertThatThrownBy(() -> snapshot.expert(Expert.HIGH, List.of(spec)).close());
        thrown.extracting("code").isEqualTo(FailureCode.MODEL_MISMATCH);
        thrown.hasMessageContaining("style.safetensors");
        for (String part : parts) {
            thrown.hasMessageContaining(part);
        }
    }

    private static Tensor zeros(long... shape) {
        return Ops.zeros(dev.reelrank.torch.TorchDevice.cpu(), DType.FLOAT32, shape);
    }

    @Test
    void shouldRefuseShapesThatAreNoPair() {
        Tensor one = Ops.tensor(new float[] {1}, 1);
        assertRefused(Map.of(DOWN, one.squeeze(0)), DOWN, "share no rank");
        assertRefused(Map.of(DOWN, Noise.normal(1, 24)), DOWN, "[24]", "share no rank");
        assertRefused(Map.of(UP, Noise.normal(1, 24, 3)), DOWN, "[2, 24]", "[24, 3]");
        assertRefused(Map.of(DOWN, zeros(0, 24), UP, zeros(24, 0)), "[0, 24]", "holds no number");
    }

    @Test
    void shouldRefuseAnAlphaThatIsNoNumber() {
        assertRefused(Map.of(ALPHA, zeros(0)), ALPHA, "no single number");
        assertRefused(Map.of(ALPHA, Ops.tensor(new float[] {1, 2}, 2)), ALPHA, "no single number");
    }

    @Test
    void shouldRefuseTypesThatWeightsDoNotHave() {
        Tensor flags = Ops.to(Noise.normal(1, 2, 24), DType.INT32);
        assertRefused(Map.of(DOWN, flags), DOWN, "no type of weights");
    }

    @Test
    void shouldRefuseALoraWhoseChangesAreZero() {
        assertRefused(Map.of(UP, zeros(24, 2)), "changes nothing", "all its changes are zero");
        assertRefused(Map.of(ALPHA, zeros(1)), "changes nothing", "all its changes are zero");
    }

    @Test
    void shouldCountOnlyTensorsThatChange() {
        var spec = lora(Map.of("diffusion_model.blocks.1.norm3.diff", zeros(24)), Map.of());
        try (var source = snapshot.expert(Expert.HIGH, List.of(spec))) {
            assertThat(source.applied("high"))
                    .singleElement()
                    .satisfies(applied -> assertThat(applied.layers()).isEqualTo(1));
        }
    }

    @Test
    void shouldRefusePatternsThatAreNoObject() {
        var spec =
                lora(
                        Map.of(),
                        Map.of(
                                "lora_adapter_metadata",
                                "{\"lora_alpha\": 1, \"alpha_pattern\": \"to_q\"}"));
        assertThatThrownBy(() -> snapshot.expert(Expert.HIGH, List.of(spec)).close())
                .hasMessageContaining("alpha_pattern must be an object");
    }
}
