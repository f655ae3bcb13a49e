package dev.reelrank.cogvideox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be done is refused by name, and says what can. */
final class BadInputIT {
    private static final PromptInput PROMPT = new PromptInput.Text(Fixtures.PROMPT);

    @TempDir Path folder;

    private static CogPipeline load(CogModel model) {
        return model.load(
                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null), TorchDevice.cpu());
    }

    private static void assertRefused(ThrowingCallable what, FailureCode code, String... words) {
        assertThatThrownBy(what)
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> {
                            assertThat(e.code()).isEqualTo(code);
                            assertThat(e.getMessage()).contains(words);
                        });
    }

    private static GenerationSettings settings(int width, int height, int frames) {
        return Fixtures.settings(width, height, frames, 2, 1, "", "ddim", 0);
    }

    @Test
    void shouldSayWhichFramesAndSizesAModelCanMake() {
        try (var pipeline = load(Fixtures.model("t2v", folder))) {
            assertRefused(
                    () -> pipeline.condition(settings(48, 32, 50), PROMPT, null),
                    FailureCode.INVALID_CONFIG,
                    "frames is '50'",
                    "8k+1 up to 49");
            assertRefused(
                    () -> pipeline.condition(settings(48, 40, 9), PROMPT, null),
                    FailureCode.INVALID_CONFIG,
                    "size is '48x40'",
                    "a multiple of 16 each");
            assertRefused(
                    () ->
                            pipeline.condition(
                                    Fixtures.settings(48, 32, 9, 2, 1, "", "euler", 0),
                                    PROMPT,
                                    null),
                    FailureCode.INVALID_CONFIG,
                    "euler",
                    "ddim or dpm");
            assertRefused(
                    () ->
                            pipeline.condition(
                                    Fixtures.settings(48, 32, 9, 2, 6, "", "ddim", 0.5),
                                    PROMPT,
                                    null),
                    FailureCode.INVALID_CONFIG,
                    "dynamicGuidance is '0.5'",
                    "a whole number from 0 to 2");
            assertRefused(
                    () ->
                            pipeline.condition(
                                    Fixtures.settings(48, 32, 9, 1001, 6, "", "ddim", 0),
                                    PROMPT,
                                    null),
                    FailureCode.INVALID_CONFIG,
                    "steps is 1001",
                    "at most 1000");
            assertRefused(
                    () -> pipeline.condition(settings(48, 32, 9), new PromptInput.Text(" "), null),
                    FailureCode.EMPTY_PROMPT,
                    "the prompt is empty");
        }
    }

    @Test
    void shouldKnowTheLimitsOfEachModel() {
        var learned = Fixtures.model("i2v", folder).options();
        assertThat(learned.frames()).hasToString("9");
        assertThat(learned.sizes()).hasToString("48x32");
        var longer = Fixtures.model("t2v15", folder).options();
        assertThat(longer.frames().allows(33)).isTrue();
        assertThat(longer.frames().allows(25)).isFalse();
        assertThat(longer.frames().allows(49)).isFalse();
        assertThat(longer.sizes()).hasToString("a multiple of 16 each, up to 48x32");
    }

    @Test
    void shouldResizeAnImageToTheOneSizeThatThereIs() {
        var config = dev.reelrank.pipeline.config.CandidateConfig.defaults();
        var square = new RgbImage(10, 10, new byte[300]);
        var only = Fixtures.model("i2v", folder).settings(config, square);
        assertThat(only.width()).isEqualTo(48);
        assertThat(only.height()).isEqualTo(32);
        var free = Fixtures.model("i2v15", folder).settings(config, square);
        assertThat(free.width()).isEqualTo(free.height());
    }

    @ParameterizedTest
    @CsvSource({"t2v, true, from text alone", "i2v, false, from images"})
    void shouldRefuseAnImageTooManyOrTooFew(String name, boolean image, String reason) {
        try (var pipeline = load(Fixtures.model(name, folder))) {
            @Nullable RgbImage given = image ? Fixtures.image() : null;
            assertRefused(
                    () -> pipeline.condition(settings(48, 32, 9), PROMPT, given),
                    FailureCode.INVALID_CONFIG,
                    name,
                    reason);
        }
    }

    @Test
    void shouldTakeRowsOfAPromptOnlyWithTheirPadding() {
        Path rows = folder.resolve("rows.safetensors");
        try (var pipeline = load(Fixtures.model("t2v", folder));
                var scope = TensorScope.open()) {
            SafetensorsWriter.write(
                    rows, Map.of("prompt_embeds", Noise.normal(1, 12, 32)), Map.of());
            var short12 = new PromptInput.Embeds(rows);
            assertRefused(
                    () -> pipeline.condition(settings(48, 32, 9), short12, null),
                    FailureCode.MODEL_MISMATCH,
                    "has 12 rows",
                    "takes 40");
            SafetensorsWriter.write(
                    rows, Map.of("prompt_embeds", Noise.normal(1, 40, 32)), Map.of());
            pipeline.condition(settings(48, 32, 9), short12, null).close();
        }
    }

    private void assertDoesNotOpen(
            String file, String from, String to, FailureCode code, String... words) {
        Path model = Fixtures.folder("t2v", folder);
        Fixtures.edit(model.resolve(file), from, to);
        assertRefused(() -> CogModel.open(model), code, words);
    }

    @Test
    void shouldNameAConfigurationThatItCannotCompute() {
        var mismatch = FailureCode.MODEL_MISMATCH;
        assertDoesNotOpen(
                "model_index.json",
                "CogVideoXPipeline",
                "CogVideoXFunControlPipeline",
                mismatch,
                "CogVideoXFunControlPipeline",
                "CogVideoXImageToVideoPipeline");
        assertDoesNotOpen(
                "model_index.json",
                "CogVideoXPipeline",
                "CogVideoXImageToVideoPipeline",
                mismatch,
                "8 channels to 4",
                "says 4 and 4");
        assertDoesNotOpen(
                "scheduler/scheduler_config.json",
                "v_prediction",
                "epsilon",
                mismatch,
                "prediction_type must be v_prediction");
        assertDoesNotOpen(
                "vae/config.json",
                "\"use_quant_conv\": false",
                "\"use_quant_conv\": true",
                mismatch,
                "use_quant_conv");
        assertDoesNotOpen(
                "transformer/config.json",
                "\"text_embed_dim\": 32",
                "\"text_embed_dim\": 64",
                mismatch,
                "32 numbers per token",
                "expects 64");
        assertDoesNotOpen(
                "text_encoder/config.json",
                "\"model_type\": \"t5\"",
                "\"model_type\": \"umt5\"",
                mismatch,
                "model_type must be t5");
    }

    @Test
    void shouldRecogniseAFolderByItsIndex() {
        var family = new CogFamily();
        assertThat(family.recognises(Fixtures.ROOT.resolve("t2v"))).isTrue();
        assertThat(family.recognises(Fixtures.ROOT.resolve("base"))).isFalse();
        Path model = Fixtures.folder("i2v", folder);
        assertThat(family.open(model)).isEqualTo(CogModel.open(model));
    }

    @Test
    void shouldNameWhatIsMissing() throws IOException {
        Path model = Fixtures.folder("t2v", folder);
        Files.delete(model.resolve("tokenizer/spiece.model"));
        var opened = CogModel.open(model);
        assertRefused(opened::files, FailureCode.MODEL_MISSING, "tokenizer.json", "spiece.model");
        Files.delete(model.resolve("transformer/diffusion_pytorch_model.safetensors"));
        assertRefused(() -> load(opened), FailureCode.MODEL_MISSING, "tokenizer");
        assertRefused(opened::files, FailureCode.MODEL_MISSING, "transformer");
    }

    @Test
    void shouldNameADamagedFile() throws IOException {
        Path model = Fixtures.folder("t2v", folder);
        Path pieces = model.resolve("tokenizer/spiece.model");
        try (var file = new RandomAccessFile(pieces.toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        assertRefused(
                () -> load(CogModel.open(model)),
                FailureCode.MODEL_MISMATCH,
                "spiece.model",
                "not a readable SentencePiece model");
        Fixtures.folder("t2v", folder);
        Fixtures.edit(
                model.resolve("transformer/config.json"), "\"num_layers\": 2", "\"num_layers\": 1");
        assertRefused(
                () -> load(CogModel.open(model)),
                FailureCode.MODEL_MISMATCH,
                "transformer_blocks.1",
                "config.json belongs to another model");
    }

    @Test
    void shouldHaveNoOtherNetworkThanTheTransformer() {
        var model = Fixtures.model("t2v", folder);
        assertThat(model.fileWord("transformer")).isEmpty();
        assertRefused(
                () -> model.fileWord("transformer_2"), FailureCode.MODEL_MISMATCH, "transformer_2");
        assertThat(model.timesteps()).hasSize(50).startsWith(999).endsWith(19);
    }
}
