package dev.reelrank.animatediff;

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
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TensorSource;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LorasIT {
    private static final Path LORAS = Fixtures.ROOT.resolve("loras");
    private static final String MOTION =
            "down_blocks.0.motion_modules.0.transformer_blocks.0.attn1.to_q";
    private static final String SPATIAL =
            "up_blocks.2.attentions.1.transformer_blocks.0.attn2.to_out.0";
    private static final String TEXT = "text_model.encoder.layers.0.mlp.fc1";

    private final AnimateDiffModel model = AnimateDiffModel.open(Fixtures.SD);
    private final SafetensorsFile expected = Fixtures.expected();
    private TensorScope scope;

    @TempDir Path folder;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        expected.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"peft", "diffusers.safetensors", "kohya.safetensors", "motion.safetensors"})
    void shouldMergeEveryFormThatIsInUse(String name) {
        var lora = new LoraSpec(LORAS.resolve(name), 0.5);
        var parts = model.parts();
        var layers = name.startsWith("motion") ? List.of(MOTION) : List.of(MOTION, SPATIAL);
        try (var merged = new UnetLoras(parts).merged("unet", parts.openUnet(), List.of(lora))) {
            for (String layer : layers) {
                Tensor wanted = expected.tensor("lora." + layer);
                Fixtures.assertClose(
                        merged.read(
                                layer + ".weight",
                                TorchDevice.cpu(),
                                DType.FLOAT32,
                                wanted.shape()),
                        wanted,
                        name + " " + layer);
            }
        }
        assertThat(model.loraFiles(lora))
                .containsOnlyKeys(
                        name.startsWith("kohya")
                                ? new String[] {"unet", "text_encoder"}
                                : new String[] {"unet"});
    }

    @Test
    void shouldMergeTheTextEncodersPartOfAFile() {
        var lora = new LoraSpec(LORAS.resolve("kohya.safetensors"), 0.5);
        var parts = model.parts();
        try (var merged =
                new UnetLoras(parts).merged("text_encoder", parts.openText(), List.of(lora))) {
            Tensor wanted = expected.tensor("lora." + TEXT);
            Fixtures.assertClose(
                    merged.read(TEXT + ".weight", TorchDevice.cpu(), DType.FLOAT32, wanted.shape()),
                    wanted,
                    TEXT);
        }
        try (var generator = model.load(Fixtures.load(lora), TorchDevice.cpu())) {
            assertThat(generator.loras())
                    .extracting(applied -> applied.part() + " " + applied.layers())
                    .containsExactly("text_encoder 1", "unet 2");
        }
    }

    @Test
    void shouldAddUpSeveralLorasWithTheirStrengths() {
        var loras =
                List.of(
                        new LoraSpec(LORAS.resolve("peft"), 0.75),
                        new LoraSpec(LORAS.resolve("kohya.safetensors"), -0.5),
                        new LoraSpec(LORAS.resolve("diffusers.safetensors"), 0.25));
        var parts = model.parts();
        try (var merged = new UnetLoras(parts).merged("unet", parts.openUnet(), loras)) {
            Tensor wanted = expected.tensor("lora." + SPATIAL);
            Fixtures.assertClose(
                    merged.read(
                            SPATIAL + ".weight", TorchDevice.cpu(), DType.FLOAT32, wanted.shape()),
                    wanted,
                    "three that are one");
            assertThat(merged.applied("unet"))
                    .extracting(applied -> applied.strength() + " " + applied.layers())
                    .containsExactly("0.75 2", "-0.5 2", "0.25 2");
        }
    }

    @Test
    void shouldSwitchAdaptersThatDoWhatMergingDoes() {
        var parts = model.parts();
        var lora = new LoraSpec(LORAS.resolve("diffusers.safetensors"), 0.5);
        Tensor with;
        Tensor without;
        try (var source = new UnetLoras(parts).merged("unet", parts.openUnet(), List.of(lora));
                var unet = unet(source, LinearAdapters.NONE)) {
            with = predicted(unet);
        }
        try (var source = parts.openUnet();
                var unet = unet(source, LinearAdapters.NONE)) {
            without = predicted(unet);
        }
        try (var adapters = adapters(parts, lora);
                var source = parts.openUnet();
                var unet = unet(source, adapters)) {
            Fixtures.assertClose(predicted(unet), with, "on");
            adapters.on(false);
            Fixtures.assertClose(predicted(unet), without, "off");
            adapters.on(true);
            Fixtures.assertClose(predicted(unet), with, "on again");
        }
        assertThat(Fixtures.error(with, without)).isGreaterThan(1e-3);
    }

    private static LoraAdapters adapters(AnimateDiffFolder parts, LoraSpec lora) {
        var tensors = new TreeSet<String>();
        try (var unet = parts.openUnet()) {
            tensors.addAll(unet.names());
        }
        var file = LoraFile.open(lora.path(), new UnetLoraNames(tensors), "unet", false);
        return new LoraAdapters(List.of(new LoraMerge.Strength(file, lora.strength())));
    }

    private Unet unet(TensorSource source, LinearAdapters adapters) {
        return new Unet(
                model.parts().unet(),
                source,
                TorchDevice.cpu(),
                TorchDevice.cpu(),
                DType.FLOAT32,
                LinearFormat.DENSE,
                adapters);
    }

    private static Tensor predicted(Unet unet) {
        return unet.apply(
                Noise.normal(20, 1, 4, 5, 3, 4),
                437,
                Noise.normal(21, 1, 16, 24),
                false,
                BlockVisits.RESIDENT,
                null);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "unet.down_blocks.0.motion_modules.9.proj_in",
                "lora_unet_down_blocks_7_attentions_0_proj_in",
                "unet.nothing"
            })
    void shouldRefuseAChangeOfALayerThatThereIsNot(String layer) {
        Path file = folder.resolve("lora.safetensors");
        SafetensorsWriter.write(
                file,
                Map.of(
                        layer + ".lora_down.weight", Noise.normal(1, 2, 8),
                        layer + ".lora_up.weight", Noise.normal(2, 8, 2)),
                Map.of());
        assertThatThrownBy(
                        () -> model.load(Fixtures.load(new LoraSpec(file, 1)), TorchDevice.cpu()))
                .hasMessageContaining("lora.safetensors changes 1 tensors")
                .hasMessageContaining("it belongs to another model")
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISMATCH);
    }

    @Test
    void shouldRefuseAKeyOfUnknownForm() {
        Path file = folder.resolve("odd.safetensors");
        SafetensorsWriter.write(file, Map.of("unet.odd.thing", Noise.normal(1, 2, 8)), Map.of());
        assertThatThrownBy(
                        () -> model.load(Fixtures.load(new LoraSpec(file, 1)), TorchDevice.cpu()))
                .hasMessageContaining("has the key 'unet.odd.thing', whose form is unknown");
    }
}
