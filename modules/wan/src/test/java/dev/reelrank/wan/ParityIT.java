package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.image.LanczosResize;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.EulerScheduler;
import dev.reelrank.diffusion.schedule.Scheduler;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.diffusion.vae.Tiling;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.LinearFormat;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agreement with diffusers on tiny random weights, part by part and as whole pipelines. */
final class ParityIT {
    private final SafetensorsFile expected = Fixtures.expected();
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
        expected.close();
    }

    private static LoadSettings load(LoraSpec... loras) {
        return new LoadSettings(Precision.FP32, Offload.NONE, List.of(loras), null);
    }

    @Test
    void shouldEncodeTextsAsDiffusersDoes() throws IOException {
        String[] prompts =
                new ObjectMapper()
                        .readValue(Fixtures.ROOT.resolve("prompts.json").toFile(), String[].class);
        try (var texts = snapshot.texts(cpu, DType.FLOAT32, false)) {
            for (int i = 0; i < prompts.length; i++) {
                long[] padded = Arrays.copyOf(texts.tokens(prompts[i]), WanSnapshot.TEXT_ROWS);
                assertThat(padded)
                        .as(prompts[i])
                        .isEqualTo(Ops.longs(expected.tensor("text." + i + ".ids")));
                try (var context = texts.encode(prompts[i])) {
                    assertThat(context.length()).isEqualTo(WanSnapshot.TEXT_ROWS);
                    Tensor wanted = expected.tensor("text." + i + ".embeds").squeeze(0);
                    Fixtures.assertClose(
                            context.rows().narrow(0, 0, wanted.size(0)), wanted, prompts[i]);
                }
            }
        }
    }

    @Test
    void shouldEncodeAndDecodeVideosAsDiffusersDoes() {
        try (var vae = vae()) {
            Fixtures.assertClose(
                    asVideo(vae.encode(video(10, 1, 3, 9, 16, 24), null)),
                    expected.tensor("vae.encoded"),
                    "encoded");
            Fixtures.assertClose(
                    decoded(vae, Noise.normal(11, 1, 16, 3, 2, 3), null),
                    expected.tensor("vae.decoded"),
                    "decoded");
        }
    }

    @Test
    void shouldBlendTilesAsDiffusersDoes() {
        var tiling = new Tiling(24, 16);
        try (var vae = vae()) {
            Fixtures.assertClose(
                    asVideo(vae.encode(video(12, 1, 3, 5, 32, 40), tiling)),
                    expected.tensor("vae.tiled.encoded"),
                    "encoded");
            Fixtures.assertClose(
                    decoded(vae, Noise.normal(13, 1, 16, 2, 4, 5), tiling),
                    expected.tensor("vae.tiled.decoded"),
                    "decoded");
        }
    }

    private Vae vae() {
        return new Vae(
                snapshot.vae(),
                dev.reelrank.torch.Checkpoint.open(Fixtures.I2V.resolve("vae")),
                cpu,
                DType.FLOAT32);
    }

    /** Shape (1, 3, frames, height, width) as the seed gives it, turned to frames. */
    private static Tensor video(long seed, long... shape) {
        return Noise.normal(seed, shape)
                .clamp(new ScalarOptional(new Scalar(-1.0)), new ScalarOptional(new Scalar(1.0)))
                .squeeze(0)
                .permute(1, 0, 2, 3);
    }

    private static Tensor asVideo(Tensor frames) {
        return frames.permute(1, 0, 2, 3).unsqueeze(0);
    }

    private static Tensor decoded(Vae vae, Tensor latents, Tiling tiling) {
        var chunks = new java.util.ArrayList<Tensor>();
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
    void shouldPredictVelocitiesAsDiffusersDoes() {
        for (var expert : Expert.values()) {
            try (var model = transformer(expert)) {
                double timestep = expert == Expert.HIGH ? 937.5 : 7;
                Fixtures.assertClose(
                        velocity(model, timestep),
                        expected.tensor("transformer." + expert.word()),
                        expert.folder());
            }
        }
    }

    private WanTransformer transformer(Expert expert, LoraSpec... loras) {
        try (var source = snapshot.expert(expert, List.of(loras))) {
            return new WanTransformer(
                    snapshot.transformer(),
                    source,
                    cpu,
                    cpu,
                    DType.FLOAT32,
                    LinearFormat.DENSE,
                    new EagerMath());
        }
    }

    private static Tensor velocity(WanTransformer model, double timestep) {
        Tensor text = Noise.normal(21, 1, 512, 32).squeeze(0).narrow(0, 0, 20).contiguous();
        text.retainReference();
        try (var context = new TextContext(text, 492);
                var input = model.prompt(context)) {
            return model.apply(
                    Noise.normal(20, 1, 36, 3, 4, 6), timestep, input, BlockVisits.RESIDENT);
        }
    }

    @Test
    void shouldFollowTheSchedulesOfDiffusers() {
        for (String name :
                new String[] {
                    "euler.5.4",
                    "euler.5.6",
                    "euler.5.8",
                    "euler.3.8",
                    "unipc.5.8",
                    "unipc.3.8",
                    "unipc.3.1",
                    "unipc.3.2",
                    "unipc.5.20"
                }) {
            String[] parts = name.split("\\.");
            int steps = Integer.parseInt(parts[2]);
            double shift = Double.parseDouble(parts[1]);
            Scheduler scheduler =
                    parts[0].equals("euler")
                            ? new EulerScheduler(steps, shift)
                            : new UniPcScheduler(steps, shift);
            Tensor samples = expected.tensor("schedule." + name + ".samples");
            double[] timesteps = scheduler.timesteps();
            float[] wanted = Ops.floats(expected.tensor("schedule." + name + ".timesteps"));
            float[] sigmas = Ops.floats(expected.tensor("schedule." + name + ".sigmas"));
            for (int i = 0; i <= steps; i++) {
                assertThat((float) scheduler.sigmas()[i])
                        .isCloseTo(sigmas[i], org.assertj.core.api.Assertions.within(1e-6f));
            }
            Tensor x = Noise.normal(30, 1, 2, 3);
            for (int i = 0; i < steps; i++) {
                assertThat((float) timesteps[i])
                        .as(name)
                        .isCloseTo(wanted[i], org.assertj.core.api.Assertions.within(1e-3f));
                Tensor v = torch.sin(Ops.mul(x, 3)).add(Ops.mul(x, timesteps[i] / 1000));
                x = scheduler.step(i, v, x);
                Fixtures.assertClose(x, samples.select(0, i + 1), name + " step " + i);
            }
            scheduler.close();
        }
    }

    @Test
    void shouldMergeLightningLorasBeforeAnythingElse() {
        var lora = new LoraSpec(Fixtures.ROOT.resolve("lightning"), 0.75);
        for (var expert : Expert.values()) {
            String prefix = "lora." + expert.word() + "_noise_model.";
            try (var source = snapshot.expert(expert, List.of(lora))) {
                for (String name :
                        List.of(
                                "blocks.0.attn1.to_q.weight",
                                "blocks.1.ffn.net.2.weight",
                                "blocks.1.attn2.to_out.0.weight")) {
                    Tensor wanted = expected.tensor(prefix + name);
                    Fixtures.assertClose(
                            source.read(name, cpu, DType.FLOAT32, wanted.shape()), wanted, name);
                }
            }
            try (var model = transformer(expert, lora)) {
                Fixtures.assertClose(
                        velocity(model, 500), expected.tensor(prefix + "output"), prefix);
            }
        }
    }

    @Test
    void shouldMergeLorasInTheFormOfPeft() {
        var lora = new LoraSpec(Fixtures.ROOT.resolve("peft.safetensors"), 0.5);
        try (var source = snapshot.expert(Expert.HIGH, List.of(lora))) {
            for (String name : List.of("blocks.0.attn1.to_q", "blocks.1.ffn.net.0.proj")) {
                Tensor wanted = expected.tensor("lora.peft." + name + ".weight");
                Fixtures.assertClose(
                        source.read(name + ".weight", cpu, DType.FLOAT32, wanted.shape()),
                        wanted,
                        name);
            }
        }
    }

    @Test
    void shouldResizeAsTheImagingLibraryDoes() {
        var image = Fixtures.image(expected, "image.source");
        for (int[] size : new int[][] {{48, 32}, {96, 64}, {20, 60}}) {
            var resized = LanczosResize.resize(image, size[0], size[1]);
            byte[] wanted = Ops.bytes(expected.tensor("image.%dx%d".formatted(size[0], size[1])));
            assertThat(Arrays.mismatch(resized.rgb(), wanted)).isEqualTo(-1);
        }
    }

    @Test
    void shouldGenerateTheVideosThatDiffusersGenerates() throws IOException {
        var cases = new ObjectMapper().readTree(Fixtures.ROOT.resolve("pipelines.json").toFile());
        Path t2v = Fixtures.textToVideo(folder.resolve("t2v"));
        String prompt = "a cat sails slowly over the blue sea";
        try (var image = WanPipeline.load(snapshot, load(), cpu);
                var text = WanPipeline.load(WanSnapshot.open(t2v), load(), cpu)) {
            for (var entry : cases.properties()) {
                var c = entry.getValue();
                boolean withImage = c.path("image").asBoolean();
                var pipeline = withImage ? image : text;
                var settings =
                        Fixtures.settings(
                                c.path("w").asInt(),
                                c.path("h").asInt(),
                                c.path("f").asInt(),
                                c.path("steps").asInt(),
                                c.path("guidance").asDouble(),
                                c.path("negative").asText(""),
                                c.path("scheduler").asText(),
                                c.path("shift").asDouble(),
                                pipeline.model().defaults().parameters().get("boundary"));
                Path latents = folder.resolve("latents.safetensors");
                try (var conditioning =
                        pipeline.condition(
                                settings,
                                prompt,
                                withImage ? Fixtures.image(expected, "image.source") : null)) {
                    var frames = new java.util.ArrayList<dev.reelrank.pipeline.RgbImage>();
                    var generation =
                            pipeline.generate(
                                            conditioning,
                                            c.path("seed").asLong(),
                                            new LatentsFile(latents, settings.steps()),
                                            GenerationListener.NONE,
                                            frames::add)
                                    .orElseThrow();
                    assertThat(generation.timings()).containsKeys("denoise", "decode");
                    String name = "pipeline." + entry.getKey();
                    try (var file = SafetensorsFile.open(latents)) {
                        Fixtures.assertClose(
                                file.tensor("latents"), expected.tensor(name + ".latents"), name);
                    }
                    Fixtures.assertSamePixels(frames, expected.tensor(name + ".frames"), name);
                }
            }
        }
    }
}
