package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Values that are finite in the files, and are not after a computation: the failure says where they
 * began. make_overflow.py found the places with diffusers.
 */
final class NotFiniteIT {
    @TempDir Path folder;

    static Stream<JsonNode> cases() throws IOException {
        var cases =
                new ObjectMapper()
                        .readTree(Fixtures.ROOT.resolve("fidelity/overflow.json").toFile());
        return StreamSupport.stream(cases.spliterator(), false);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void shouldSayWhereValuesCeasedToBeFinite(JsonNode wanted) {
        Fixtures.copy(Fixtures.I2V, folder);
        String part = wanted.path("part").asText();
        stretch(part, wanted.path("tensor").asText(), wanted.path("largest").asDouble());
        int step = wanted.path("step").asInt();
        var thrown =
                assertThatThrownBy(() -> generate(wanted.path("guidance").asDouble()))
                        .isInstanceOf(StageException.class)
                        .hasMessageContaining("not finite")
                        .hasMessageContaining(wanted.path("began").asText());
        thrown.extracting(e -> ((StageException) e).code().category())
                .isEqualTo(FailureCategory.MODEL);
        if (step > 0) {
            thrown.hasMessageContaining("step %d of 4 ".formatted(step))
                    .hasMessageContaining(" of " + part + " at timestep");
        }
    }

    @Test
    void shouldRefuseRowsOfAPromptThatAreNotFinite() {
        float[] rows = new float[3 * 32];
        Arrays.fill(rows, 0.5f);
        rows[40] = Float.NEGATIVE_INFINITY;
        Path file = folder.resolve("rows.safetensors");
        try (var scope = TensorScope.open()) {
            SafetensorsWriter.write(
                    file, Map.of("prompt_embeds", Ops.tensor(rows, 3, 32)), Map.of());
        }
        try (var pipeline = load(Fixtures.I2V)) {
            assertThatThrownBy(
                            () ->
                                    pipeline.condition(
                                            Fixtures.settings(32, 32, 5, 4, 1, "", "euler", 5, 0.9),
                                            new PromptInput.Embeds(file),
                                            grey()))
                    .hasMessageContaining("'prompt_embeds' of " + file)
                    .hasMessageContaining("not finite")
                    .extracting("code")
                    .isEqualTo(FailureCode.MODEL_MISMATCH);
        }
    }

    /** Scales a tensor so that its largest value is this, which float32 can hold. */
    private void stretch(String part, String tensor, double largest) {
        String file =
                part.equals("text_encoder")
                        ? "model.safetensors"
                        : "diffusion_pytorch_model.safetensors";
        Fixtures.rewrite(
                folder.resolve(part).resolve(file),
                tensors -> {
                    var weight = tensors.get(tensor);
                    double now = weight.abs().max().item_double();
                    tensors.put(tensor, Ops.mul(Ops.mul(weight, 1 / now), largest));
                    assertThat(Ops.isFinite(tensors.get(tensor))).isTrue();
                });
    }

    private static WanPipeline load(Path model) {
        return WanPipeline.load(
                WanSnapshot.open(model),
                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                TorchDevice.cpu());
    }

    private void generate(double guidance) {
        var settings = Fixtures.settings(32, 32, 5, 4, guidance, "a cat", "euler", 5, 0.9);
        try (var pipeline = load(folder);
                var conditioning = pipeline.condition(settings, "the red dog runs", grey())) {
            pipeline.generate(conditioning, 1, null, GenerationListener.NONE, frame -> {});
        }
    }

    private static RgbImage grey() {
        var rgb = new byte[32 * 32 * 3];
        Arrays.fill(rgb, (byte) 200);
        return new RgbImage(32, 32, rgb);
    }
}
