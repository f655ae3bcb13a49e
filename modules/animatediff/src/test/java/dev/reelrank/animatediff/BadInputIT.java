package dev.reelrank.animatediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BadInputIT {
    @TempDir Path folder;

    private static void edit(Path file, String old, String now) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, now));
    }

    private static void assertRefused(ThrowingCallable call, FailureCode code, String... words) {
        assertThatThrownBy(call)
                .isInstanceOf(StageException.class)
                .hasMessageContainingAll(words)
                .extracting("code")
                .isEqualTo(code);
    }

    private Path copy() {
        return Fixtures.copy(Fixtures.SD, folder.resolve("model"));
    }

    @Test
    void shouldSayWhereAMotionAdapterGoes() throws IOException {
        Path model = copy();
        Files.move(model.resolve("motion_adapter"), folder.resolve("elsewhere"));
        assertThat(new AnimateDiffFamily().recognises(model)).isTrue();
        assertRefused(
                () -> AnimateDiffModel.open(model),
                FailureCode.MODEL_MISSING,
                "makes pictures, not videos",
                model.resolve("motion_adapter").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "motion_adapter|'    12,'|'    20,'|block_out_channels must be [8, 12, 16] to fit"
                        + " the UNet",
                "motion_adapter|'\"motion_layers_per_block\": 1'|'\"motion_layers_per_block\":"
                        + " 2'|motion_layers_per_block must be 1 to fit",
                "motion_adapter|'\"conv_in_channels\": null'|'\"conv_in_channels\": 9'|PIA",
                "unet|'\"addition_embed_type\": null'|'\"addition_embed_type\":"
                        + " \"text_time\"'|Stable Diffusion 1.5",
                "unet|'\"in_channels\": 4'|'\"in_channels\": 9'|inpainting",
                "text_encoder|'\"hidden_size\": 24'|'\"hidden_size\": 32'|makes 32 numbers per"
                        + " token, the UNet expects 24",
                "vae|'\"shift_factor\": null'|'\"shift_factor\": 0.1'|shift_factor=0.1"
            })
    void shouldNamePartsThatDoNotFit(String part, String old, String now, String words)
            throws IOException {
        Path model = copy();
        edit(model.resolve(part).resolve("config.json"), old, now);
        assertRefused(() -> AnimateDiffModel.open(model), FailureCode.MODEL_MISMATCH, words);
    }

    @Test
    void shouldNameTheTensorOfAnAdapterThatIsForAnotherModel() throws IOException {
        Path model = copy();
        edit(
                model.resolve("motion_adapter/config.json"),
                "\"use_motion_mid_block\": true",
                "\"use_motion_mid_block\": false");
        assertRefused(
                () -> AnimateDiffModel.open(model).load(Fixtures.load(), TorchDevice.cpu()),
                FailureCode.MODEL_MISMATCH,
                "mid_block.motion_modules.0",
                "motion_adapter");
    }

    @Test
    void shouldNameMissingWeights() throws IOException {
        Path model = copy();
        Files.delete(model.resolve("unet/diffusion_pytorch_model.safetensors"));
        assertRefused(
                () -> AnimateDiffModel.open(model).files(),
                FailureCode.MODEL_MISSING,
                model.resolve("unet").toString());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'scaled_linear'|'squaredcos_cap_v2'|beta_schedule must be linear or scaled_linear",
                "'\"thresholding\": false'|'\"thresholding\": true'|thresholding=true",
                "'0.012'|'1.2'|beta_end must be below 1",
            })
    void shouldNameAScheduleThatDdimDoesNotDo(String old, String now, String words)
            throws IOException {
        Path model = Fixtures.whole(folder.resolve("model"));
        edit(model.resolve("scheduler/scheduler_config.json"), old, now);
        assertRefused(() -> AnimateDiffModel.open(model), FailureCode.MODEL_MISMATCH, words);
    }

    private static GenerationSettings settings(int width, int frames, int steps, double skip) {
        return new GenerationSettings(
                width, 24, frames, 8, steps, 1, "", "ddim", Map.of("clipSkip", skip));
    }

    @Test
    void shouldRefuseWhatItCannotDoAndSayWhatItCan() {
        var model = AnimateDiffModel.open(Fixtures.SD);
        try (var generator = model.load(Fixtures.load(), TorchDevice.cpu())) {
            var prompt = new PromptInput.Text("a cat");
            assertRefused(
                    () -> generator.condition(settings(32, 33, 4, 0), prompt, null),
                    FailureCode.INVALID_CONFIG,
                    "frames is '33'",
                    "it must be 1 to 24");
            assertRefused(
                    () -> generator.condition(settings(30, 8, 4, 0), prompt, null),
                    FailureCode.INVALID_CONFIG,
                    "size is '30x24'",
                    "multiple of 8");
            assertRefused(
                    () -> generator.condition(settings(32, 8, 4, 0.5), prompt, null),
                    FailureCode.INVALID_CONFIG,
                    "clipSkip is '0.5'",
                    "a whole number from 0 to 2");
            assertRefused(
                    () -> generator.condition(settings(32, 8, 4, 3), prompt, null),
                    FailureCode.INVALID_CONFIG,
                    "clipSkip is '3.0'",
                    "a whole number from 0 to 2");
            assertRefused(
                    () ->
                            generator.condition(
                                    settings(32, 8, 4, 0),
                                    prompt,
                                    new RgbImage(8, 8, new byte[192])),
                    FailureCode.INVALID_CONFIG,
                    "makes videos from text alone: leave out the image");
            assertRefused(
                    () ->
                            generator.condition(
                                    settings(32, 8, 4, 0), new PromptInput.Text(" "), null),
                    FailureCode.EMPTY_PROMPT,
                    "the prompt is empty");
        }
    }
}
