package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.ImageInput;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
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

/** Wan2.2-TI2V: agreement with diffusers on the tiny random weights of make_ti2v.py. */
final class Ti2vIT {
    private static final String PROMPT = "a cat sails slowly over the blue sea";

    private final TorchDevice cpu = TorchDevice.cpu();
    private TensorScope scope;
    private Path model;

    @TempDir Path folder;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
        model = Fixtures.copy(Fixtures.ROOT.resolve("ti2v"), folder.resolve("ti2v"));
        for (String shared : List.of("tokenizer", "text_encoder")) {
            Fixtures.copy(Fixtures.I2V.resolve(shared), model.resolve(shared));
        }
    }

    @AfterEach
    void close() {
        scope.close();
    }

    private static SafetensorsFile expected(String part) {
        return SafetensorsFile.open(Fixtures.ROOT.resolve("ti2v_" + part + ".safetensors"));
    }

    private Vae vae() {
        return new Vae(
                WanSnapshot.open(model).vae(),
                Checkpoint.open(model.resolve("vae")),
                cpu,
                DType.FLOAT32);
    }

    private static Tensor frames(long seed, long... shape) {
        return Noise.normal(seed, shape)
                .clamp(new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(1.0)))
                .squeeze(0)
                .permute(1, 0, 2, 3);
    }

    private static Tensor asVideo(Tensor frames) {
        return frames.permute(1, 0, 2, 3).unsqueeze(0);
    }

    private static Tensor decoded(Vae vae, Tensor latents, Tiling tiling) {
        var chunks = new ArrayList<Tensor>();
        vae.decode(
                latents.squeeze(0).permute(1, 0, 2, 3),
                tiling,
                chunk -> {
                    Tensor copy = chunk.clone();
                    copy.retainReference();
                    chunks.add(copy);
                });
        return asVideo(Ops.cat(0, chunks.toArray(Tensor[]::new)));
    }

    @Test
    void shouldEncodeVideosOfSeveralLengthsAsDiffusersDoes() {
        try (var vae = vae();
                var wanted = expected("vae")) {
            for (int[] size : new int[][] {{1, 32, 48}, {5, 32, 32}, {9, 48, 32}, {17, 16, 32}}) {
                Tensor video = frames(60 + size[0], 1, 3, size[0], size[1], size[2]);
                Fixtures.assertClose(
                        asVideo(vae.encode(video, null)),
                        wanted.tensor("vae.encoded." + size[0]),
                        size[0] + " frames");
            }
        }
    }

    @Test
    void shouldDecodeLatentsOfSeveralLengthsAsDiffusersDoes() {
        try (var vae = vae();
                var wanted = expected("vae")) {
            for (int[] size : new int[][] {{1, 2, 3}, {2, 2, 2}, {4, 1, 2}}) {
                Tensor latents = Noise.normal(80 + size[0], 1, 8, size[0], size[1], size[2]);
                Fixtures.assertClose(
                        decoded(vae, latents, null),
                        wanted.tensor("vae.decoded." + size[0]),
                        size[0] + " latent frames");
            }
        }
    }

    @Test
    void shouldBlendTilesAsDiffusersDoes() {
        var tiling = new Tiling(64, 32);
        try (var vae = vae();
                var wanted = expected("vae")) {
            Fixtures.assertClose(
                    asVideo(vae.encode(frames(90, 1, 3, 5, 160, 192), tiling)),
                    wanted.tensor("vae.tiled.encoded"),
                    "encoded");
            Fixtures.assertClose(
                    decoded(vae, Noise.normal(91, 1, 8, 1, 6, 5), tiling),
                    wanted.tensor("vae.tiled.decoded"),
                    "decoded");
        }
    }

    @Test
    void shouldTellTheTokensOfAGivenFrameThatTheyHaveNoNoise() {
        var snapshot = WanSnapshot.open(model);
        Tensor text = Noise.normal(21, 1, 512, 32).squeeze(0).narrow(0, 0, 20).contiguous();
        text.retainReference();
        try (var wanted = expected("transformer");
                var source = snapshot.expert(Expert.HIGH, List.of());
                var network =
                        new WanTransformer(
                                snapshot.transformer(),
                                source,
                                cpu,
                                cpu,
                                DType.FLOAT32,
                                LinearFormat.DENSE,
                                new EagerMath());
                var context = new TextContext(text, 492);
                var input = network.prompt(context)) {
            for (int given : new int[] {0, 1}) {
                Fixtures.assertClose(
                        network.apply(
                                Noise.normal(20, 1, 8, 3, 4, 6),
                                937,
                                given,
                                input,
                                BlockVisits.RESIDENT,
                                Sparsity.DEFAULT,
                                PartWatch.NONE),
                        wanted.tensor("transformer." + (given == 0 ? "one" : "given")),
                        given + " given frames");
            }
        }
    }

    @Test
    void shouldGenerateTheVideosThatDiffusersGeneratesWithAndWithoutAnImage() throws IOException {
        var cases =
                new ObjectMapper().readTree(Fixtures.ROOT.resolve("ti2v_pipelines.json").toFile());
        try (var wanted = expected("pipeline");
                var pipeline = pipeline()) {
            for (var entry : cases.properties()) {
                var c = entry.getValue();
                var settings =
                        settings(
                                c.path("w").asInt(),
                                c.path("h").asInt(),
                                c.path("f").asInt(),
                                c.path("steps").asInt(),
                                c.path("guidance").asDouble(),
                                c.path("negative").asText());
                Path latents = folder.resolve("latents.safetensors");
                var image = c.path("image").asBoolean() ? image() : null;
                try (var conditioning = pipeline.condition(settings, PROMPT, image)) {
                    var frames = new ArrayList<RgbImage>();
                    assertThat(
                                    pipeline.generate(
                                            conditioning,
                                            c.path("seed").asLong(),
                                            new LatentsFile(latents, settings.steps()),
                                            GenerationListener.NONE,
                                            frames::add))
                            .isPresent();
                    String name = "pipeline." + entry.getKey();
                    try (var file = SafetensorsFile.open(latents)) {
                        Fixtures.assertClose(
                                file.tensor("latents"), wanted.tensor(name + ".latents"), name);
                    }
                    Fixtures.assertSamePixels(frames, wanted.tensor(name + ".frames"), name);
                }
            }
        }
    }

    @Test
    void shouldGoOnFromADraftOfAVideoThatBeginsWithAnImage() throws IOException {
        var settings = settings(32, 32, 5, 3, 1, "");
        try (var pipeline = pipeline();
                var conditioning = pipeline.condition(settings, PROMPT, image())) {
            var whole = pipeline.generate(conditioning, 3, GenerationListener.NONE).orElseThrow();
            var paused = new PausedFile(folder.resolve("paused.safetensors"), "tiny");
            var preview = new ArrayList<RgbImage>();
            assertThat(
                            pipeline.draft(
                                    conditioning,
                                    3,
                                    null,
                                    2,
                                    paused,
                                    GenerationListener.NONE,
                                    preview::add))
                    .isPresent();
            assertThat(preview).isNotEmpty();
            var resumed = new ArrayList<RgbImage>();
            assertThat(
                            pipeline.resume(
                                    conditioning, 3, paused, GenerationListener.NONE, resumed::add))
                    .isPresent();
            assertThat(resumed)
                    .extracting(RgbImage::rgb)
                    .containsExactlyElementsOf(whole.frames().stream().map(RgbImage::rgb).toList());
        }
    }

    private WanPipeline pipeline() {
        return WanPipeline.load(
                WanSnapshot.open(model),
                new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null),
                cpu);
    }

    private static GenerationSettings settings(
            int width, int height, int frames, int steps, double guidance, String negative) {
        return new GenerationSettings(
                width,
                height,
                frames,
                24,
                steps,
                guidance,
                negative,
                WanSchedulers.UNIPC,
                Map.of(WanSnapshot.SHIFT, 5.0));
    }

    private static RgbImage image() {
        try (var file = Fixtures.expected()) {
            return Fixtures.image(file, "image.source");
        }
    }

    @Test
    void shouldHaveThePublishedDefaultsAndTakeAnImageOrNone() {
        var snapshot = WanSnapshot.open(model);
        assertThat(new WanTi2vFamily().recognises(model)).isTrue();
        assertThat(new WanFamily().recognises(model)).isFalse();
        assertThat(snapshot.family()).isEqualTo("wan-ti2v");
        var d = snapshot.defaults();
        assertThat(List.of(d.width(), d.height(), d.frames(), d.steps()))
                .containsExactly(1280, 704, 121, 50);
        assertThat(List.of(d.fps(), d.guidance(), d.parameters().get(WanSnapshot.SHIFT)))
                .containsExactly(24.0, 5.0, 5.0);
        assertThat(d.scheduler()).isEqualTo("unipc");
        assertThat(snapshot.options().image()).isEqualTo(ImageInput.OPTIONAL);
    }

    @Test
    void shouldRefuseSizesAndLengthsItCannotMake() {
        try (var pipeline = pipeline()) {
            assertThatThrownBy(
                            () -> pipeline.condition(settings(48, 32, 5, 2, 1, ""), PROMPT, null))
                    .hasMessageContaining("48x32")
                    .hasMessageContaining("a multiple of 32 each");
            assertThatThrownBy(
                            () -> pipeline.condition(settings(32, 32, 50, 2, 1, ""), PROMPT, null))
                    .hasMessageContaining("'50'")
                    .hasMessageContaining("4k+1");
        }
    }

    @Test
    void shouldRefuseAFolderWhosePartsAreOfDifferentModels() throws IOException {
        edit("model_index.json", "expand_timesteps", "false");
        assertRefused("the VAE of Wan2.2-TI2V-5B", "expand_timesteps");
        edit("model_index.json", "expand_timesteps", "true");
        edit("transformer/config.json", "in_channels", "20");
        assertRefused("expand_timesteps (TI2V-5B)", "must take 8 channels", "it takes 20");
        edit("transformer/config.json", "in_channels", "8");
        edit("transformer/config.json", "out_channels", "16");
        assertRefused("makes 16 channels", "have 8");
        edit("transformer/config.json", "out_channels", "8");
        edit("vae/config.json", "patch_size", "1");
        assertRefused("in_channels must be 3");
        edit("vae/config.json", "patch_size", "2");
        edit("vae/config.json", "scale_factor_spatial", "8");
        assertRefused("scale_factor_spatial must be 16");
    }

    private void edit(String file, String key, String json) throws IOException {
        var mapper = new ObjectMapper();
        Path path = model.resolve(file);
        var object = (ObjectNode) mapper.readTree(path.toFile());
        object.set(key, mapper.readTree(json));
        Files.writeString(path, object.toString());
    }

    private void assertRefused(String... words) {
        assertThatThrownBy(() -> WanSnapshot.open(model))
                .hasMessageContainingAll(words)
                .extracting("code")
                .isEqualTo(FailureCode.MODEL_MISMATCH);
    }
}
