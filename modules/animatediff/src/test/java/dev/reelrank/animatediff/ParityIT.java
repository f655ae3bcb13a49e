package dev.reelrank.animatediff;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agreement with diffusers on tiny random weights, part by part and as whole pipelines. */
final class ParityIT {
    private static final String PROMPT = "a cat sails slowly over the blue sea";

    private final SafetensorsFile expected = Fixtures.expected();
    private final AnimateDiffModel model = AnimateDiffModel.open(Fixtures.SD);
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
        expected.close();
    }

    @Test
    void shouldEncodeTextsAsDiffusersDoesWithAndWithoutTheLastBlock() throws IOException {
        String[] prompts =
                new ObjectMapper()
                        .readValue(Fixtures.ROOT.resolve("prompts.json").toFile(), String[].class);
        try (var source = model.parts().openText();
                var texts = model.texts(source, cpu, DType.FLOAT32, false)) {
            for (int i = 0; i < prompts.length; i++) {
                assertThat(texts.tokens(prompts[i]).ids())
                        .as(prompts[i])
                        .isEqualTo(Ops.longs(expected.tensor("text." + i + ".ids")));
                for (int skip = 0; skip < 2; skip++) {
                    String name = "text." + i + "." + skip;
                    try (var context = texts.encode(prompts[i], skip)) {
                        Fixtures.assertClose(context.rows(), expected.tensor(name), name);
                    }
                }
            }
            assertThat(texts.tokens(prompts[3]).cut()).isEqualTo(16);
            assertThat(texts.tokens(prompts[3]).tokens()).isEqualTo(32);
        }
    }

    @Test
    void shouldEncodeAndDecodeFramesAsDiffusersDoesWithNamesOfOldFiles() {
        try (var vae = vae()) {
            Tensor frames =
                    Noise.normal(10, 5, 3, 24, 32)
                            .clamp(
                                    new ScalarOptional(new Scalar(-1.0)),
                                    new ScalarOptional(new Scalar(1.0)));
            Fixtures.assertClose(
                    vae.toLatents(frames, null), expected.tensor("vae.latents"), "latents");
            // Tiles larger than the picture: one frame at a time.
            for (var tiling : new Tiling[] {null, new Tiling(64, 48)}) {
                Fixtures.assertClose(decoded(vae, tiling), expected.tensor("vae.frames"), "frames");
            }
        }
    }

    private PictureVae vae() {
        try (var source = model.parts().openVae()) {
            return new PictureVae(model.parts().vae(), source, cpu, DType.FLOAT32);
        }
    }

    private static Tensor decoded(PictureVae vae, Tiling tiling) {
        var chunks = new ArrayList<Tensor>();
        vae.fromLatents(
                Noise.normal(11, 1, 4, 5, 3, 4),
                tiling,
                chunk -> {
                    Tensor copy = chunk.clone();
                    copy.retainReference();
                    chunks.add(copy);
                });
        return Ops.cat(0, chunks.toArray(Tensor[]::new));
    }

    @Test
    void shouldPredictAsDiffusersDoesWithAndWithoutAModuleInTheMiddle() {
        try (var middle = unet(model)) {
            Fixtures.assertClose(
                    predicted(middle, false), expected.tensor("unet.mid"), "with the middle");
            Fixtures.assertClose(
                    predicted(middle, true), expected.tensor("unet.still"), "without motion");
        }
        try (var plain = unet(AnimateDiffModel.open(Fixtures.plain(folder)))) {
            Fixtures.assertClose(
                    predicted(plain, false), expected.tensor("unet.plain"), "without the middle");
        }
    }

    private Unet unet(AnimateDiffModel of) {
        try (var source = of.parts().openUnet()) {
            return new Unet(
                    of.parts().unet(),
                    source,
                    cpu,
                    cpu,
                    DType.FLOAT32,
                    LinearFormat.DENSE,
                    LinearAdapters.NONE);
        }
    }

    private static Tensor predicted(Unet unet, boolean still) {
        return unet.apply(
                Noise.normal(20, 1, 4, 5, 3, 4),
                437,
                Noise.normal(21, 1, 16, 24),
                still,
                BlockVisits.RESIDENT,
                null);
    }

    private static GenerationSettings settings(
            int width,
            int height,
            int frames,
            int steps,
            double guidance,
            String negative,
            int skip) {
        return new GenerationSettings(
                width,
                height,
                frames,
                8,
                steps,
                guidance,
                negative,
                AnimateDiffModel.DDIM,
                Map.of(AnimateDiffModel.CLIP_SKIP, (double) skip));
    }

    private static GenerationSettings settings(JsonNode c) {
        return settings(
                c.path("w").asInt(),
                c.path("h").asInt(),
                c.path("f").asInt(),
                c.path("steps").asInt(),
                c.path("guidance").asDouble(),
                c.path("negative").asText(),
                c.path("skip").asInt());
    }

    @Test
    void shouldGenerateTheVideosThatDiffusersGenerates() throws IOException {
        var cases = new ObjectMapper().readTree(Fixtures.ROOT.resolve("pipelines.json").toFile());
        var whole = AnimateDiffModel.open(Fixtures.whole(folder.resolve("whole")));
        try (var adapted = model.load(Fixtures.load(), cpu);
                var one = whole.load(Fixtures.load(), cpu)) {
            for (var entry : cases.properties()) {
                var c = entry.getValue();
                String name = "pipeline." + entry.getKey();
                var generator = c.path("folder").asText().equals("sd") ? adapted : one;
                var settings = settings(c);
                Path latents = folder.resolve(name + ".safetensors");
                try (var conditioning =
                        generator.condition(settings, new PromptInput.Text(PROMPT), null)) {
                    var frames = new ArrayList<RgbImage>();
                    var made =
                            generator.generate(
                                    conditioning,
                                    c.path("seed").asLong(),
                                    new LatentsFile(latents, settings.steps()),
                                    GenerationListener.NONE,
                                    frames::add);
                    assertThat(made).isPresent();
                    try (var file = SafetensorsFile.open(latents)) {
                        Fixtures.assertSame(
                                file.tensor("latents"), expected.tensor(name + ".latents"), name);
                    }
                    Fixtures.assertSamePixels(frames, expected.tensor(name + ".frames"), name);
                }
            }
        }
    }

    @Test
    void shouldMakeAFrameAgainAsStableDiffusionDoes() {
        Tensor pixels = expected.tensor("again.picture");
        var picture = new RgbImage(32, 24, Ops.bytes(pixels));
        try (var generator = model.load(Fixtures.load(), cpu);
                var conditioning =
                        generator.condition(
                                settings(32, 24, 1, 10, 7.5, "red dog", 0),
                                new PromptInput.Text(PROMPT),
                                null)) {
            var made =
                    generator
                            .again(conditioning, List.of(picture), 0.4, 31, GenerationListener.NONE)
                            .orElseThrow();
            Fixtures.assertSamePixels(made.frames(), expected.tensor("again.frame"), "again");
        }
    }

    @Test
    void shouldGoOnFromADraftAsIfItHadNotPaused() {
        var state = new PausedFile(folder.resolve("paused.safetensors"), "same");
        var made = new ArrayList<RgbImage>();
        var resumed = new ArrayList<RgbImage>();
        var shown = new ArrayList<RgbImage>();
        try (var generator = model.load(Fixtures.load(), cpu);
                var conditioning =
                        generator.condition(
                                settings(32, 24, 8, 4, 2, "", 0),
                                new PromptInput.Text(PROMPT),
                                null)) {
            generator.generate(conditioning, 5, null, GenerationListener.NONE, made::add);
            generator.draft(conditioning, 5, null, 2, state, GenerationListener.NONE, shown::add);
            generator.resume(conditioning, 5, state, GenerationListener.NONE, resumed::add);
        }
        assertThat(shown).hasSize(4);
        assertThat(resumed).hasSameSizeAs(made);
        for (int i = 0; i < made.size(); i++) {
            assertThat(resumed.get(i).rgb()).isEqualTo(made.get(i).rgb());
        }
    }

    @Test
    void shouldComputeTheSameInEveryPrecisionAsFarAsItReaches() {
        try (var exact = unet(model)) {
            Tensor wanted = predicted(exact, false);
            for (var precision :
                    List.of(Precision.BF16, Precision.BF16_WEIGHTS, Precision.FP8_WEIGHTS)) {
                try (var source = model.parts().openUnet();
                        var unet =
                                new Unet(
                                        model.parts().unet(),
                                        source,
                                        cpu,
                                        cpu,
                                        precision.dtype(),
                                        precision.format(),
                                        LinearAdapters.NONE)) {
                    Tensor made = Ops.to(predicted(unet, false), DType.FLOAT32);
                    assertThat(Fixtures.error(made, wanted))
                            .as(precision.id())
                            .isBetween(1e-4, 0.2);
                }
            }
        }
    }
}
