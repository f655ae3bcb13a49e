package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every damage to a snapshot is an error that names the file and what is wrong with it. */
final class BadFilesTest {
    private static final String WEIGHTS = "diffusion_pytorch_model.safetensors";

    @TempDir Path folder;

    @BeforeEach
    void copy() {
        Fixtures.copy(Fixtures.I2V, folder);
    }

    private void load() {
        WanPipeline.load(
                        WanSnapshot.open(folder),
                        new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                        TorchDevice.cpu())
                .close();
    }

    private void edit(String file, String what, String by) throws Exception {
        Path path = folder.resolve(file);
        String text = Files.readString(path);
        assertThat(text).contains(what);
        Files.writeString(path, text.replace(what, by));
    }

    private void rewrite(String part, Consumer<Map<String, Tensor>> change) {
        Path path = folder.resolve(part).resolve(WEIGHTS);
        try (var scope = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            try (var checkpoint = Checkpoint.open(path)) {
                for (String name : checkpoint.names()) {
                    tensors.put(name, checkpoint.stored(name).clone());
                }
            }
            change.accept(tensors);
            SafetensorsWriter.write(path, tensors, Map.of());
        }
    }

    private void assertFails(FailureCode code, String... parts) {
        var thrown = assertThatThrownBy(this::load).isInstanceOf(StageException.class);
        thrown.extracting("code").isEqualTo(code);
        for (String part : parts) {
            assertThatThrownBy(this::load).hasMessageContaining(part);
        }
    }

    @Test
    void shouldNameATruncatedFile() throws Exception {
        try (var file =
                new RandomAccessFile(
                        folder.resolve("transformer_2").resolve(WEIGHTS).toFile(), "rw")) {
            file.setLength(file.length() - 100);
        }
        assertFails(FailureCode.MODEL_MISMATCH, "transformer_2", "truncated");
    }

    @Test
    void shouldNameAMissingTensor() {
        rewrite("transformer", tensors -> tensors.remove("blocks.1.ffn.net.2.bias"));
        assertFails(FailureCode.MODEL_MISMATCH, "'blocks.1.ffn.net.2.bias'", "missing");
    }

    @Test
    void shouldNameATensorThatNobodyNeeds() {
        rewrite("vae", tensors -> tensors.put("encoder.surplus.weight", Noise.normal(0, 2)));
        assertFails(FailureCode.MODEL_MISMATCH, "encoder.surplus.weight");
    }

    @Test
    void shouldNameAConfigurationThatDisagreesWithTheTensors() throws Exception {
        edit("vae/config.json", "\"base_dim\": 4", "\"base_dim\": 6");
        assertFails(FailureCode.MODEL_MISMATCH, "configuration needs", "vae");
    }

    @Test
    void shouldNameATensorOfAnotherKind() {
        rewrite(
                "transformer",
                tensors ->
                        tensors.put(
                                "proj_out.bias",
                                dev.reelrank.torch.Ops.to(
                                        tensors.get("proj_out.bias"),
                                        dev.reelrank.torch.DType.INT32)));
        assertFails(FailureCode.MODEL_MISMATCH, "'proj_out.bias'", "I32");
    }

    @Test
    void shouldRefuseExpertsOfDifferentModels() throws Exception {
        edit("transformer_2/config.json", "\"num_layers\": 2", "\"num_layers\": 1");
        assertFails(FailureCode.MODEL_MISMATCH, "different models");
    }

    @Test
    void shouldRefuseOtherModelsOfTheFamily() throws Exception {
        edit("model_index.json", "\"expand_timesteps\": false", "\"expand_timesteps\": true");
        assertFails(FailureCode.MODEL_MISMATCH, "TI2V-5B");
    }

    @Test
    void shouldRefuseAClipImageBranch() throws Exception {
        edit("transformer/config.json", "\"image_dim\": null", "\"image_dim\": 1280");
        assertFails(FailureCode.MODEL_MISMATCH, "image_dim=1280");
    }

    @Test
    void shouldNameAMissingPart() throws Exception {
        Files.delete(folder.resolve("tokenizer/tokenizer.json"));
        assertFails(FailureCode.MODEL_MISSING, "tokenizer.json");
        assertThatThrownBy(() -> WanSnapshot.open(folder).requireFiles())
                .isInstanceOf(StageException.class);
    }

    @Test
    void shouldRefuseTextOnlyWeightsWithAnImageAndTheOtherWayRound() {
        var settings = new GenerationSettings(32, 32, 5, 1, 1, "", "euler", 5, 0.9);
        try (var pipeline =
                WanPipeline.load(
                        WanSnapshot.open(folder),
                        new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                        TorchDevice.cpu())) {
            assertThatThrownBy(() -> pipeline.condition(settings, "a cat", null))
                    .hasMessageContaining("give it an image");
            assertThatThrownBy(() -> pipeline.condition(settings, "  ", null))
                    .extracting("code")
                    .isEqualTo(FailureCode.EMPTY_PROMPT);
        }
    }
}
