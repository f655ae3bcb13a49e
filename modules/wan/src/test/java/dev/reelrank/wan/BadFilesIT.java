package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.TorchDevice;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every damage to a snapshot is an error that names the file and what is wrong with it. */
final class BadFilesIT {
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

    private static String weights(String part) {
        return part.equals("text_encoder") ? "model.safetensors" : WEIGHTS;
    }

    private void rewrite(String part, Consumer<Map<String, Tensor>> change) {
        Fixtures.rewrite(folder.resolve(part).resolve(weights(part)), change);
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

    /** With these the tensors have the same shapes, and the video would be another one. */
    @ParameterizedTest
    @CsvSource({
        "num_attention_heads:attention_head_dim, 1, 24",
        "eps, 1e-5,",
        "rope_max_seq_len, 32,",
        "cross_attn_norm, false,"
    })
    void shouldRefuseExpertsThatDifferInWhatTensorsDoNotTell(String keys, String first, String last)
            throws Exception {
        String[] all = keys.split(":");
        set("transformer_2/config.json", all[0], first);
        if (all.length > 1) {
            set("transformer_2/config.json", all[1], last);
        }
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
    void shouldRefuseAHeadThatCannotBeTurned() throws Exception {
        edit("transformer/config.json", headDim(), "\"attention_head_dim\": 1");
        assertFails(FailureCode.MODEL_MISMATCH, "attention_head_dim must be even", "is 1");
    }

    private String headDim() throws Exception {
        var matcher =
                java.util.regex.Pattern.compile("\"attention_head_dim\": \\d+")
                        .matcher(Files.readString(folder.resolve("transformer/config.json")));
        assertThat(matcher.find()).isTrue();
        return matcher.group();
    }

    private void set(String file, String key, String json) throws Exception {
        var mapper = new ObjectMapper();
        Path path = folder.resolve(file);
        var object = (ObjectNode) mapper.readTree(path.toFile());
        object.set(key, mapper.readTree(json));
        Files.writeString(path, object.toString());
    }

    @Test
    void shouldBlameTheListOfDeviationsThatIsWrong() throws Exception {
        set("vae/config.json", "latents_std", "[1.5]");
        assertFails(FailureCode.MODEL_MISMATCH, "latents_std must be a list of");
        set("vae/config.json", "latents_std", "[0" + ", 1".repeat(15) + "]");
        assertFails(FailureCode.MODEL_MISMATCH, "latents_std must be a list of positive numbers");
    }

    @Test
    void shouldRefuseConfigurationsOfTheWrongKind() throws Exception {
        set("transformer/config.json", "cross_attn_norm", "\"yes\"");
        assertFails(FailureCode.MODEL_MISMATCH, "cross_attn_norm must be true or false");
        set("transformer/config.json", "cross_attn_norm", "true");
        set("transformer/config.json", "eps", "1e999");
        assertFails(FailureCode.MODEL_MISMATCH, "eps must be a finite number");
        set("transformer/config.json", "eps", "1e-6");
        set("transformer/config.json", "num_layers", "99999999999");
        assertFails(FailureCode.MODEL_MISMATCH, "num_layers must be a positive whole number");
    }

    @Test
    void shouldRefuseDefaultsOfTheWrongKind() throws Exception {
        for (String value : List.of("\"eight\"", "0", "2.5", "-1", "1e999", "[8]")) {
            Files.writeString(
                    folder.resolve("generation_defaults.json"), "{\"steps\": " + value + "}");
            assertFails(
                    FailureCode.MODEL_MISMATCH,
                    "generation_defaults.json: steps must be a positive whole number");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "step; 8; there is no key 'step'",
                "width; 40; size is '40x",
                "frames; 4; frames is '4'",
                "fps; 0; fps must be from 1 to 120",
                "guidance; -3; guidance must be from 0 to 30",
                "scheduler; \"ddim\"; scheduler is 'ddim'",
                "shift; -1; shift is '-1.0'",
                "boundary; 7; boundary is '7.0'",
                "guidanceLow; 99; guidanceLow is '99.0'"
            })
    void shouldRefuseDefaultsThatTheModelDoesNotHave(String key, String value, String message)
            throws Exception {
        Files.writeString(
                folder.resolve("generation_defaults.json"), "{\"%s\": %s}".formatted(key, value));
        assertFails(FailureCode.MODEL_MISMATCH, "generation_defaults.json: ", message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "model_index.json; transformer_2; \"WanTransformer3DModel\"",
                "model_index.json; transformer_2; [1]",
                "model_index.json; boundary_ratio; -0.5",
                "model_index.json; boundary_ratio; 875",
                "transformer/config.json; cross_attn_norm; null",
                "scheduler/scheduler_config.json; predict_x0; null",
                "scheduler/scheduler_config.json; lower_order_final; null",
                "scheduler/scheduler_config.json; flow_shift; 0",
                "scheduler/scheduler_config.json; flow_shift; -3",
            })
    void shouldRefuseValuesThatWouldMeanAnotherModel(String file, String key, String value)
            throws Exception {
        set(file, key, value);
        assertFails(FailureCode.MODEL_MISMATCH, file, key + " must be");
    }

    @Test
    void shouldTakeAOneForTrueWhereTheOriginalDoes() throws Exception {
        set("scheduler/scheduler_config.json", "thresholding", "1");
        assertFails(FailureCode.MODEL_MISMATCH, "a scheduler with thresholding=1");
    }

    @Test
    void shouldRefuseAKeyThatIsThereTwice() throws Exception {
        edit("vae/config.json", "\"z_dim\"", "\"z_dim\": 7, \"z_dim\"");
        assertFails(FailureCode.MODEL_MISMATCH, "Duplicate field 'z_dim'");
    }

    @Test
    void shouldCallAGitLfsPointerByItsName() throws Exception {
        String pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
        Files.writeString(folder.resolve("transformer").resolve(WEIGHTS), pointer);
        assertFails(FailureCode.MODEL_MISSING, WEIGHTS, "git lfs pull");
        Files.writeString(folder.resolve("tokenizer/tokenizer.json"), pointer);
        assertFails(FailureCode.MODEL_MISSING, "tokenizer.json", "git lfs pull");
        Files.writeString(folder.resolve("vae/config.json"), pointer);
        assertFails(FailureCode.MODEL_MISSING, "config.json", "git lfs pull");
    }

    @Test
    void shouldNameWeightsThatAreNotFinite() {
        for (String part : List.of("text_encoder", "vae", "transformer", "transformer_2")) {
            Fixtures.copyAnew(Fixtures.I2V, folder);
            var name = new String[1];
            rewrite(
                    part,
                    tensors -> {
                        name[0] = tensors.keySet().iterator().next();
                        tensors.get(name[0]).view(-1).narrow(0, 0, 1).fill_(new Scalar(Double.NaN));
                    });
            assertFails(FailureCode.MODEL_MISMATCH, "'" + name[0] + "'", part, "not finite");
        }
    }

    @Test
    void shouldRefuseATokenizerThatIsLargerThanTheVocabulary() throws Exception {
        Path config = folder.resolve("text_encoder/config.json");
        int vocabulary = new ObjectMapper().readTree(config.toFile()).path("vocab_size").asInt();
        rewrite(
                "text_encoder",
                tensors ->
                        tensors.replaceAll(
                                (name, tensor) ->
                                        tensor.size(0) == vocabulary
                                                ? tensor.narrow(0, 0, 2).clone()
                                                : tensor));
        set("text_encoder/config.json", "vocab_size", "2");
        var settings = Fixtures.settings(32, 32, 5, 1, 1, "", "euler", 5, 0.9);
        try (var pipeline =
                WanPipeline.load(
                        WanSnapshot.open(folder),
                        new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                        TorchDevice.cpu())) {
            var image = new RgbImage(32, 32, new byte[32 * 32 * 3]);
            assertThatThrownBy(() -> pipeline.condition(settings, "a red cat runs", image))
                    .hasMessageContaining("vocab_size is 2");
        }
    }

    @Test
    void shouldNameAMissingPart() throws Exception {
        Files.delete(folder.resolve("tokenizer/tokenizer.json"));
        assertFails(FailureCode.MODEL_MISSING, "tokenizer.json");
        assertThatThrownBy(() -> WanSnapshot.open(folder).files())
                .isInstanceOf(StageException.class);
    }

    @Test
    void shouldRefuseTextOnlyWeightsWithAnImageAndTheOtherWayRound() {
        var settings = Fixtures.settings(32, 32, 5, 1, 1, "", "euler", 5, 0.9);
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
