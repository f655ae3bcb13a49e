package dev.reelrank.cogvideox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.lora.LoraAdapters;
import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LoRAs as PEFT, diffusers and kohya write them, against what PEFT computes with them. */
final class LoraIT {
    private static final Path LORA = Fixtures.ROOT.resolve("lora");

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

    private Tensor predicted(List<LoraSpec> merged, LinearAdapters adapters) {
        return predicted(Fixtures.model("t2v", folder), merged, adapters);
    }

    private static Tensor predicted(
            CogModel model, List<LoraSpec> merged, LinearAdapters adapters) {
        try (var transformer = transformer(model, merged, adapters)) {
            return predicted(model, transformer);
        }
    }

    private static Tensor predicted(CogModel model, CogTransformer transformer) {
        return transformer.apply(
                Noise.normal(30, 1, 3, 4, 4, 6),
                739,
                Noise.normal(21, 1, model.transformer().textRows(), 32).squeeze(0),
                BlockVisits.RESIDENT);
    }

    private static CogTransformer transformer(
            CogModel model, List<LoraSpec> merged, LinearAdapters adapters) {
        var cpu = TorchDevice.cpu();
        try (var source = model.merged(merged)) {
            return new CogTransformer(
                    model.transformer(),
                    source,
                    cpu,
                    cpu,
                    DType.FLOAT32,
                    LinearFormat.DENSE,
                    adapters);
        }
    }

    private static void assertAnswer(Tensor actual, String key) {
        try (var expected = SafetensorsFile.open(LORA.resolve("output.safetensors"))) {
            Fixtures.assertClose(actual, expected.tensor(key), key);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"peft", "diffusers"})
    void shouldMergeWithTheScaleThatTheConfigurationOrTheMetadataSays(String form) {
        assertAnswer(
                predicted(List.of(new LoraSpec(LORA.resolve(form), 1)), LinearAdapters.NONE),
                "with");
    }

    @Test
    void shouldAddUpSeveralLorasWithTheirStrengths() {
        assertAnswer(
                predicted(
                        List.of(
                                new LoraSpec(LORA.resolve("peft"), 0.25),
                                new LoraSpec(LORA.resolve("diffusers"), 0.75)),
                        LinearAdapters.NONE),
                "with");
    }

    @Test
    void shouldReadTheNamesOfKohya() {
        var renamed = new LinkedHashMap<String, Tensor>();
        Path file = LORA.resolve("diffusers/pytorch_lora_weights.safetensors");
        try (var stored = SafetensorsFile.open(file)) {
            for (String key : stored.names()) {
                String module =
                        key.replaceFirst("^transformer\\.", "")
                                .replaceFirst("\\.lora_[AB]\\.weight$", "");
                String kohya = "lora_unet_" + module.replace('.', '_');
                boolean down = key.endsWith("lora_A.weight");
                renamed.put(
                        kohya + (down ? ".lora_down.weight" : ".lora_up.weight"),
                        stored.tensor(key).clone());
                renamed.put(kohya + ".alpha", Ops.tensor(new float[] {16}));
            }
        }
        Path path = folder.resolve("kohya.safetensors");
        SafetensorsWriter.write(path, renamed, Map.of());
        assertAnswer(predicted(List.of(new LoraSpec(path, 1)), LinearAdapters.NONE), "with");
    }

    @Test
    void shouldSwitchAdapters() {
        var model = Fixtures.model("t2v", folder);
        Path file = LORA.resolve("diffusers/pytorch_lora_weights.safetensors");
        var names = CogLoraNames.NAMES;
        try (var adapters =
                        new LoraAdapters(
                                List.of(
                                        new LoraMerge.Strength(
                                                LoraFile.open(
                                                        file, names, CogModel.TRANSFORMER, false),
                                                1)));
                var transformer = transformer(model, List.of(), adapters)) {
            assertAnswer(predicted(model, transformer), "with");
            adapters.on(false);
            assertAnswer(predicted(model, transformer), "without");
            adapters.on(true);
            assertAnswer(predicted(model, transformer), "with");
        }
    }

    @Test
    void shouldRefuseALoraOfAnotherModelByTheTensorItChanges() {
        Path path = folder.resolve("other.safetensors");
        SafetensorsWriter.write(
                path,
                Map.of(
                        "transformer.blocks.0.attn2.to_q.lora_A.weight", Noise.normal(1, 2, 32),
                        "transformer.blocks.0.attn2.to_q.lora_B.weight", Noise.normal(2, 32, 2)),
                Map.of());
        var lora = List.of(new LoraSpec(path, 1));
        assertThatThrownBy(() -> predicted(lora, LinearAdapters.NONE))
                .hasMessageContaining("other.safetensors")
                .hasMessageContaining("blocks.0.attn2.to_q.weight")
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISMATCH);
        SafetensorsWriter.write(
                path,
                Map.of("transformer.transformer_blocks.0.attn1.to_q.scale", Noise.normal(1, 1)),
                Map.of());
        assertThatThrownBy(() -> predicted(lora, LinearAdapters.NONE))
                .hasMessageContaining("attn1.to_q.scale")
                .hasMessageContaining("form is unknown");
    }

    @Test
    void shouldNameTheFilesOfALora() {
        assertThat(Fixtures.model("t2v", folder).loraFiles(new LoraSpec(LORA.resolve("peft"), 1)))
                .containsOnlyKeys("transformer");
    }
}
