package dev.reelrank.cogvideox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.DdimScheduler;
import dev.reelrank.diffusion.schedule.DdimSettings;
import dev.reelrank.diffusion.schedule.DdimSettings.Spacing;
import dev.reelrank.diffusion.schedule.DpmSdeScheduler;
import dev.reelrank.diffusion.schedule.NoiseSchedule;
import dev.reelrank.diffusion.schedule.PredictionType;
import dev.reelrank.diffusion.schedule.SignalSquares;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearAdapters;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.NoiseStream;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Agreement with diffusers on tiny random weights, part by part and as whole pipelines. */
final class ParityIT {
    private static final Tiling TILES = new Tiling(32, 24);

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

    @Test
    void shouldEncodeTextsWithTheirPaddingAsTransformersDoes() throws IOException {
        String[] prompts =
                new ObjectMapper()
                        .readValue(Fixtures.ROOT.resolve("prompts.json").toFile(), String[].class);
        var model = Fixtures.model("t2v", folder);
        try (var texts = model.texts(cpu, DType.FLOAT32, Offload.NONE);
                var expected = Fixtures.expected("text")) {
            for (int i = 0; i < prompts.length; i++) {
                long[] wanted = Ops.longs(expected.tensor("text." + i + ".ids"));
                long[] padded = Arrays.copyOf(texts.tokens(prompts[i]), wanted.length);
                assertThat(padded).as(prompts[i]).isEqualTo(wanted);
                try (var context = texts.encode(prompts[i])) {
                    assertThat(context.padding()).isZero();
                    Fixtures.assertClose(
                            context.rows(),
                            expected.tensor("text." + i + ".embeds").squeeze(0),
                            prompts[i]);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 9, 17, 49})
    void shouldEncodeAndDecodeVideosOfAnyNumberOfChunks(int frames) {
        var model = Fixtures.model("t2v", folder);
        try (var vae = model.vae(cpu, DType.FLOAT32);
                var expected = Fixtures.expected("vae")) {
            String name = "vae." + frames;
            assertMoments(
                    vae.encode(video(10L + frames, 1, 3, frames, 16, 24), null),
                    expected.tensor(name + ".encoded"),
                    name);
            Tensor latents = Noise.normal(11L + frames, 1, 4, (frames - 1) / 4 + 1, 2, 2);
            Fixtures.assertClose(
                    every(decoded(vae, latents, null), frames < 49 ? 1 : 3),
                    expected.tensor(name + ".decoded"),
                    name);
        }
    }

    @Test
    void shouldBlendTilesAsDiffusersDoes() {
        var model = Fixtures.model("t2v", folder);
        try (var vae = model.vae(cpu, DType.FLOAT32);
                var expected = Fixtures.expected("vae")) {
            assertMoments(
                    vae.encode(video(12, 1, 3, 9, 40, 56), TILES),
                    expected.tensor("vae.tiled.encoded"),
                    "tiles");
            Fixtures.assertClose(
                    every(decoded(vae, Noise.normal(13, 1, 4, 3, 5, 7), TILES), 4),
                    expected.tensor("vae.tiled.decoded"),
                    "tiles");
        }
    }

    /** Shape (1, 3, frames, height, width) as the seed gives it, turned to frames. */
    private static Tensor video(long seed, long... shape) {
        return Noise.normal(seed, shape)
                .clamp(new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(1.0)))
                .squeeze(0)
                .permute(1, 0, 2, 3);
    }

    private static void assertMoments(CogVae.Moments moments, Tensor wanted, String what) {
        Tensor frames = wanted.squeeze(0).permute(1, 0, 2, 3);
        long z = moments.mean().size(1);
        Fixtures.assertClose(moments.mean(), frames.narrow(1, 0, z), what);
        Fixtures.assertClose(moments.deviation(), Ops.mul(frames.narrow(1, z, z), 0.5).exp(), what);
    }

    private static Tensor decoded(CogVae vae, Tensor latents, @Nullable Tiling tiling) {
        var chunks = new ArrayList<Tensor>();
        vae.decode(
                latents.squeeze(0).permute(1, 0, 2, 3),
                tiling,
                chunk -> {
                    Tensor copy = chunk.clone();
                    copy.retainReference();
                    chunks.add(copy);
                });
        return Ops.cat(0, chunks.toArray(Tensor[]::new)).permute(1, 0, 2, 3).unsqueeze(0);
    }

    private static Tensor every(Tensor video, long step) {
        return video.slice(2, new LongOptional(0), new LongOptional(video.size(2)), step);
    }

    @ParameterizedTest
    @ValueSource(strings = {"t2v", "i2v", "t2v15", "i2v15", "sincos"})
    void shouldPredictAsDiffusersDoes(String name) {
        var model = Fixtures.model(name, folder);
        Tensor text = Noise.normal(21, 1, model.transformer().textRows(), 32).squeeze(0);
        try (var source = model.merged(List.of());
                var transformer =
                        new CogTransformer(
                                model.transformer(),
                                source,
                                cpu,
                                cpu,
                                DType.FLOAT32,
                                LinearFormat.DENSE,
                                LinearAdapters.NONE);
                var expected = Fixtures.expected("transformer")) {
            var keys =
                    expected.names().stream()
                            .filter(key -> key.startsWith("transformer." + name + "."))
                            .toList();
            assertThat(keys).isNotEmpty();
            for (String key : keys) {
                Tensor wanted = expected.tensor(key);
                long[] shape = wanted.shape();
                shape[2] = model.transformer().inChannels();
                Tensor x = Noise.normal(30 + order(name, shape), shape);
                Fixtures.assertClose(
                        transformer.apply(x, 739, text, BlockVisits.RESIDENT), wanted, key);
            }
        }
    }

    /** The script draws the grids of a model from seeds that follow each other. */
    private static int order(String name, long[] shape) {
        if (name.equals("t2v15")) {
            return shape[1] == 2 ? 0 : 1;
        }
        return name.startsWith("i2v") ? 0 : 3 - (int) shape[1];
    }

    @ParameterizedTest
    @CsvSource({
        "ddim, TRAILING, 10, 1",
        "ddim, TRAILING, 30, 1",
        "ddim, LEADING, 7, 3",
        "ddim, LINSPACE, 8, 1",
        "dpm, TRAILING, 50, 1",
        "dpm, TRAILING, 7, 1",
        "dpm, TRAILING, 1, 1",
        "dpm, TRAILING, 2, 3"
    })
    void shouldFollowTheTrajectoriesOfDiffusers(
            String kind, Spacing spacing, int count, int scale) {
        double[] squares =
                SignalSquares.endingInNoise(
                        SignalSquares.shifted(
                                SignalSquares.scaledLinear(0.00085, 0.012, 1000), scale));
        var settings =
                new DdimSettings(
                        NoiseSchedule.variancePreserving(squares),
                        PredictionType.V,
                        spacing,
                        0,
                        true,
                        Double.POSITIVE_INFINITY);
        String name = "schedule.%s.%s.%d.%d".formatted(kind, spacing.id(), count, scale);
        try (var expected = Fixtures.expected("schedule");
                var noise = new NoiseStream(99)) {
            var scheduler =
                    kind.equals("ddim")
                            ? new DdimScheduler(settings, count)
                            : new DpmSdeScheduler(settings, count, () -> noise.next(1, 3, 4, 2, 2));
            Tensor samples = expected.tensor(name + ".samples");
            float[] timesteps = Ops.floats(expected.tensor(name + ".timesteps"));
            assertThat(timesteps).hasSize(count);
            Tensor x = noise.next(1, 3, 4, 2, 2);
            for (int i = 0; i < count; i++) {
                double t = scheduler.timesteps()[i];
                assertThat((float) t).isEqualTo(timesteps[i]);
                Tensor v = torch.sin(Ops.mul(x, 3)).add(Ops.mul(x, t / 1000));
                x = scheduler.step(i, v, x);
                Fixtures.assertClose(x, samples.select(0, i + 1), name + " step " + i);
            }
            scheduler.close();
        }
    }

    @Test
    void shouldReadTheNoiseOfTheFolder() {
        var schedulers = Fixtures.model("t2v", folder).schedulers();
        assertThat(schedulers.name()).isEqualTo("ddim");
        assertThat(Fixtures.model("i2v", folder).schedulers().name()).isEqualTo("dpm");
        try (var expected = Fixtures.expected("signal")) {
            float[] wanted = Ops.floats(expected.tensor("signal.1"));
            for (int i = 0; i < wanted.length; i++) {
                assertThat(Math.pow(schedulers.training().signal(37 * i), 2))
                        .isCloseTo(wanted[i], within(1e-7));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"t2v", "i2v", "t2v15", "i2v15", "sincos"})
    void shouldGenerateTheVideosThatDiffusersGenerates(String name) throws IOException {
        var cases = new ObjectMapper().readTree(Fixtures.ROOT.resolve("pipelines.json").toFile());
        var model = Fixtures.model(name, folder);
        int compared = 0;
        try (var pipeline =
                        model.load(
                                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                                cpu);
                var expected = Fixtures.expected("pipeline-" + name)) {
            for (var entry : cases.properties()) {
                if (entry.getValue().path("model").asText().equals(name)) {
                    compare(pipeline, expected, "pipeline." + entry.getKey(), entry.getValue());
                    compared++;
                }
            }
        }
        assertThat(compared).isPositive();
    }

    private void compare(CogPipeline pipeline, SafetensorsFile expected, String name, JsonNode c) {
        var settings =
                Fixtures.settings(
                        c.path("w").asInt(),
                        c.path("h").asInt(),
                        c.path("f").asInt(),
                        c.path("steps").asInt(),
                        c.path("guidance").asDouble(),
                        c.path("negative").asText(""),
                        c.path("scheduler").asText("ddim"),
                        c.path("dynamic").asBoolean() ? 1 : 0);
        Path latents = folder.resolve("latents.safetensors");
        try (var conditioning =
                pipeline.condition(
                        settings,
                        new PromptInput.Text(Fixtures.PROMPT),
                        c.path("image").asBoolean() ? Fixtures.image() : null)) {
            var frames = new ArrayList<RgbImage>();
            var generation =
                    pipeline.generate(
                                    conditioning,
                                    c.path("seed").asLong(),
                                    new LatentsFile(latents, settings.steps()),
                                    GenerationListener.NONE,
                                    frames::add)
                            .orElseThrow();
            assertThat(generation.timings()).containsOnlyKeys("denoise", "decode");
            assertThat(generation.timesteps()).hasSize(settings.steps());
            try (var file = SafetensorsFile.open(latents)) {
                Fixtures.assertClose(
                        file.tensor("latents").transpose(1, 2),
                        expected.tensor(name + ".latents"),
                        name);
            }
            Fixtures.assertSamePixels(frames, expected.tensor(name + ".frames"), name);
        }
    }
}
