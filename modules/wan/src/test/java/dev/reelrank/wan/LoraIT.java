package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.diffusion.lora.LoraAdapters;
import dev.reelrank.diffusion.lora.LoraFile;
import dev.reelrank.diffusion.lora.LoraMerge;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LoraIT {
    private static final String MODULE = "blocks.0.attn1.to_q";

    private final WanSnapshot snapshot = WanSnapshot.open(Fixtures.I2V);
    private final TorchDevice cpu = TorchDevice.cpu();
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

    private Path lora(String name, Map<String, Tensor> tensors) {
        Path path = folder.resolve(name);
        SafetensorsWriter.write(path, tensors, Map.of());
        return path;
    }

    private Tensor merged(String tensor, long rows, long columns, LoraSpec... loras) {
        try (var source = snapshot.expert(Expert.HIGH, List.of(loras))) {
            return source.read(tensor, cpu, DType.FLOAT32, rows, columns);
        }
    }

    @Test
    void shouldUnderstandEveryCommonFormOfAKey() {
        Tensor down = Noise.normal(1, 2, 24);
        Tensor up = Noise.normal(2, 24, 2);
        Tensor wanted = merged(MODULE + ".weight", 24, 24).add(Ops.mul(up.matmul(down), 0.5));
        var forms =
                Map.of(
                        "diffusion_model.blocks.0.self_attn.q",
                        "lora_down lora_up",
                        "blocks.0.self_attn.q",
                        "lora_down lora_up",
                        "model.diffusion_model.blocks.0.self_attn.q",
                        "lora_A lora_B",
                        "transformer." + MODULE,
                        "lora_A lora_B",
                        "base_model.model.blocks.0.self_attn.q",
                        "lora_A lora_B",
                        "base_model.model.blocks.0.attn1.to_q",
                        "lora_A.default lora_B.default",
                        "lora_unet_blocks_0_self_attn_q",
                        "lora_down lora_up",
                        "lora_unet__blocks_0_self_attn_q",
                        "lora_down lora_up",
                        "transformer." + MODULE + ".lora",
                        "down up");
        forms.forEach(
                (module, halves) -> {
                    String[] half = halves.split(" ");
                    Path path =
                            lora(
                                    "form.safetensors",
                                    Map.of(
                                            module + "." + half[0] + ".weight", down,
                                            module + "." + half[1] + ".weight", up));
                    Fixtures.assertClose(
                            merged(MODULE + ".weight", 24, 24, new LoraSpec(path, 0.5)),
                            wanted,
                            module);
                });
    }

    @Test
    void shouldAddSeveralLorasAndWholeDifferences() {
        Tensor down = Noise.normal(1, 2, 24);
        Tensor up = Noise.normal(2, 24, 2);
        Tensor difference = Noise.normal(3, 24, 24);
        Path first =
                lora(
                        "a.safetensors",
                        Map.of(
                                "blocks.0.self_attn.q.lora_down.weight", down,
                                "blocks.0.self_attn.q.lora_up.weight", up,
                                "blocks.0.self_attn.q.alpha", Ops.tensor(new float[] {1}, 1)));
        Path second =
                lora(
                        "b.safetensors",
                        Map.of(
                                "diffusion_model.blocks.0.self_attn.q.diff", difference,
                                "diffusion_model.blocks.0.norm3.diff_b", Noise.normal(4, 24),
                                "diffusion_model.blocks.0.diff_m", Noise.normal(5, 1, 6, 24)));
        Tensor wanted =
                merged(MODULE + ".weight", 24, 24)
                        .add(Ops.mul(up.matmul(down), 0.5 * 0.5))
                        .add(Ops.mul(difference, 2));
        Fixtures.assertClose(
                merged(
                        MODULE + ".weight",
                        24,
                        24,
                        new LoraSpec(first, 0.5),
                        new LoraSpec(second, 2)),
                wanted,
                "both");
    }

    @Test
    void shouldRefuseKeysItDoesNotUnderstand() {
        Path strange =
                lora("s.safetensors", Map.of("blocks.0.self_attn.q.magic", Noise.normal(1, 2)));
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(strange, 1)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("blocks.0.self_attn.q.magic");
        Path half =
                lora(
                        "h.safetensors",
                        Map.of("blocks.0.self_attn.q.lora_down.weight", Noise.normal(1, 2, 24)));
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(half, 1)))
                .hasMessageContaining("without its other half");
    }

    @Test
    void shouldRefuseALoraOfAnotherModel() {
        Path deeper =
                lora(
                        "d.safetensors",
                        Map.of(
                                "blocks.7.self_attn.q.lora_down.weight", Noise.normal(1, 2, 24),
                                "blocks.7.self_attn.q.lora_up.weight", Noise.normal(1, 24, 2)));
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(deeper, 1)))
                .hasMessageContaining("blocks.7.attn1.to_q.weight")
                .hasMessageContaining("another model");
        Path wider =
                lora(
                        "w.safetensors",
                        Map.of(
                                "blocks.0.self_attn.q.lora_down.weight", Noise.normal(1, 2, 48),
                                "blocks.0.self_attn.q.lora_up.weight", Noise.normal(1, 48, 2)));
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(wider, 1)))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("does not fit");
    }

    private Path half(String name, String key) {
        return lora(
                name,
                Map.of(
                        key + ".lora_A.weight", Noise.normal(1, 2, 24),
                        key + ".lora_B.weight", Noise.normal(1, 24, 2)));
    }

    @Test
    void shouldApplyAFileToThePartsThatItsNameOrItsKeysSay() {
        String key = "diffusion_model.blocks.0.self_attn.q";
        assertThat(files(half("slow_motion.safetensors", key))).containsOnlyKeys("high", "low");
        assertThat(files(half("highres_fix.safetensors", key))).containsOnlyKeys("high", "low");
        assertThat(files(half("style_HIGH_v2.safetensors", key))).containsOnlyKeys("high");
        assertThat(files(half("wan_low_noise_r64.safetensors", key))).containsOnlyKeys("low");
        assertThat(files(half("a.safetensors", "transformer_2.blocks.0.attn1.to_q")))
                .containsOnlyKeys("low");
        assertThat(files(half("b.safetensors", "transformer.blocks.0.attn1.to_q")))
                .containsOnlyKeys("high");
        // The name of a component that is the first one by default gives way to the file's name.
        assertThat(files(half("c_low.safetensors", "transformer.blocks.0.attn1.to_q")))
                .containsOnlyKeys("low");
        Path wrong = half("d_high.safetensors", "transformer_2.blocks.0.attn1.to_q");
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(wrong, 1)))
                .hasMessageContaining("is for 'high' by its name")
                .hasMessageContaining("is for 'low'");
    }

    private Map<String, Path> files(Path lora) {
        return snapshot.loraFiles(new LoraSpec(lora, 1));
    }

    @Test
    void shouldTakeAFolderWhoseNameHoldsAWordOfAnExpert() throws Exception {
        Path glow = Files.createDirectories(folder.resolve("glow"));
        for (String part : List.of("high", "low")) {
            Files.move(
                    half("x.safetensors", "blocks.0.self_attn.q"),
                    glow.resolve("glow_" + part + ".safetensors"));
        }
        assertThat(files(glow)).containsOnlyKeys("high", "low");
        Files.move(
                half("x.safetensors", "blocks.0.self_attn.q"),
                glow.resolve("glow_more.safetensors"));
        assertThatThrownBy(() -> files(glow)).hasMessageContaining("glow_more.safetensors");
    }

    @Test
    void shouldRefuseALoraForASecondExpertWhereThereIsOne() throws Exception {
        Path one = Fixtures.copy(Fixtures.I2V, folder.resolve("one"));
        Path index = one.resolve("model_index.json");
        var json = (ObjectNode) new ObjectMapper().readTree(index.toFile());
        json.remove("transformer_2");
        json.putNull("boundary_ratio");
        new ObjectMapper().writeValue(index.toFile(), json);
        var single = WanSnapshot.open(one);
        assertThat(single.twoExperts()).isFalse();
        assertThat(single.options().parameters())
                .containsKey("shift")
                .doesNotContainKeys(WanSnapshot.BOUNDARY, WanSnapshot.GUIDANCE_LOW);
        Path zoom = half("slow_zoom.safetensors", "blocks.0.self_attn.q");
        assertThat(single.loraFiles(new LoraSpec(zoom, 1))).containsOnlyKeys("high");
        Path low = half("zoom_low.safetensors", "blocks.0.self_attn.q");
        assertThatThrownBy(() -> single.loraFiles(new LoraSpec(low, 1)))
                .hasMessageContaining("zoom_low.safetensors")
                .hasMessageContaining("two experts");
    }

    @Test
    void shouldSayWhyItRefusesWhatOthersUnderstand() {
        assertRefused("lora_unet_blocks_0_cross_attn_k_img.lora_down.weight", "image branch");
        assertRefused("blocks.0.self_attn.q.dora_scale", "DoRA");
        assertRefused("blocks.0.attn1.to_q.lora_magnitude_vector.weight", "DoRA");
        Path empty = lora("empty.safetensors", Map.of());
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(empty, 1)))
                .hasMessageContaining("changes nothing");
    }

    private void assertRefused(String key, String reason) {
        Path file = lora("refused.safetensors", Map.of(key, Noise.normal(1, 2, 24)));
        assertThatThrownBy(() -> merged(MODULE + ".weight", 24, 24, new LoraSpec(file, 1)))
                .hasMessageContaining(key)
                .hasMessageContaining(reason);
    }

    @Test
    void shouldNameTheFolderWhenItLacksAnExpert() throws Exception {
        Path one = Files.createDirectories(folder.resolve("one"));
        SafetensorsWriter.write(one.resolve("high_noise.safetensors"), new HashMap<>(), Map.of());
        assertThatThrownBy(() -> files(one))
                .hasMessageContaining(one.toString())
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISSING);
        assertThat(LoraSpec.parse("a/b:0.75")).isEqualTo(new LoraSpec(Path.of("a/b"), 0.75));
        assertThat(LoraSpec.parse("a:b")).isEqualTo(new LoraSpec(Path.of("a:b"), 1));
    }

    @Test
    void shouldSwitchAdaptersThatDoWhatMergingDoes() {
        Path file = Fixtures.ROOT.resolve("lightning").resolve("high_noise_model.safetensors");
        Tensor text = Noise.normal(3, 12, 32);
        text.retainReference();
        Tensor x = Noise.normal(4, 1, 36, 2, 4, 4);
        try (var context = new TextContext(text, 500);
                var adapters =
                        new LoraAdapters(
                                List.of(
                                        new LoraMerge.Strength(
                                                LoraFile.open(file, LoraNames.WAN, "high", true),
                                                0.75)));
                var plain = model(List.of(), LinearAdapters.NONE);
                var merged = model(List.of(new LoraSpec(file, 0.75)), LinearAdapters.NONE);
                var beside = model(List.of(), adapters)) {
            Tensor with = velocity(merged, x, context);
            Tensor without = velocity(plain, x, context);
            assertThat(with.sub(without).abs().max().item_float()).isGreaterThan(0.01f);
            Fixtures.assertClose(velocity(beside, x, context), with, "on");
            adapters.on(false);
            Fixtures.assertClose(velocity(beside, x, context), without, "off");
            adapters.on(true);
            Fixtures.assertClose(velocity(beside, x, context), with, "on again");
        }
    }

    private WanTransformer model(List<LoraSpec> loras, LinearAdapters adapters) {
        try (var source = snapshot.expert(Expert.HIGH, loras)) {
            return new WanTransformer(
                    snapshot.transformer(),
                    source,
                    cpu,
                    cpu,
                    DType.FLOAT32,
                    LinearFormat.DENSE,
                    adapters,
                    new EagerMath());
        }
    }

    private static Tensor velocity(WanTransformer model, Tensor x, TextContext text) {
        try (var input = model.prompt(text)) {
            return model.apply(x, 800, input, BlockVisits.RESIDENT);
        }
    }
}
