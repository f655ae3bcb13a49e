package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.PausedFile;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.schedule.RcmScheduler;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Wan as TurboDiffusion distils it, beside the plain PyTorch of make_turbo.py. */
final class TurboIT {
    private static final Path EXPECTED = Fixtures.ROOT.resolve("turbo/expected.safetensors");

    @TempDir Path folder;

    private final TorchDevice cpu = TorchDevice.cpu();
    private final SafetensorsFile expected = SafetensorsFile.open(EXPECTED);
    private TensorScope scope;

    @BeforeEach
    void open() {
        scope = TensorScope.open();
    }

    @AfterEach
    void close() {
        scope.close();
        expected.close();
    }

    @ParameterizedTest
    @CsvSource({"sde,1", "sde,2", "sde,3", "sde,4", "ode,1", "ode,2", "ode,3", "ode,4"})
    void shouldSampleAsRcm(String kind, int steps) {
        Tensor samples = expected.tensor("rcm.%s.%d".formatted(kind, steps));
        var scheduler = new RcmScheduler(steps, steps % 2 == 0 ? 200 : 80, kind.equals("sde"));
        Tensor x = scheduler.begin(Noise.normal(30, 1, 2, 3));
        scheduler.seed(30);
        double[] timesteps = scheduler.timesteps();
        for (int i = 0; i < timesteps.length; i++) {
            Fixtures.assertClose(x, samples.select(0, i), "sample " + i);
            Tensor velocity = x.mul(new Scalar(3.0)).sin().add(Ops.mul(x, timesteps[i] / 1000));
            x = scheduler.step(i, velocity, x);
        }
        Fixtures.assertClose(x, samples.select(0, steps), "result");
    }

    @Test
    void shouldHaveTheNoiseLevelsThatTheModelWasDistilledFor() {
        var levels = new RcmScheduler(4, 200, true).sigmas();
        assertThat(levels)
                .containsExactly(
                        new double[] {0.9950249, 0.9337811, 0.8528954, 0.6089790, 0}, within(1e-7));
        assertThat(new RcmScheduler(4, 80, true).sigmas()[0]).isCloseTo(0.9876543, within(1e-7));
        assertThat(new RcmScheduler(4, 200, true).timesteps()).containsExactly(996, 932, 852, 608);
    }

    @ParameterizedTest
    @CsvSource({"transformer,high,932,3", "transformer_2,low,608,4"})
    void shouldComputeAQuantizedExpertAsPlainPyTorch(
            String part, String word, double timestep, long from) {
        var snapshot = WanSnapshot.open(TurboFiles.imageToVideo(folder));
        assertThat(snapshot.transformer().inChannels()).isEqualTo(36);
        Tensor velocity =
                new WanPiecewise(snapshot, cpu, DType.FLOAT32)
                        .velocity(
                                part,
                                List.of(),
                                Noise.normal(20, 1, 36, 5, 24, 20),
                                timestep,
                                expected.tensor("prompt_embeds"));
        Fixtures.assertClose(
                velocity.squeeze(0).narrow(1, from, 5 - from),
                expected.tensor("velocity." + word),
                "velocity");
    }

    @ParameterizedTest
    @ValueSource(strings = {"rcm", "rcm-ode"})
    void shouldGenerateInFourStepsAsPlainPyTorch(String scheduler) {
        var snapshot = WanSnapshot.open(TurboFiles.textToVideo(folder));
        var auto =
                snapshot.settings(TurboFiles.config(null, null, Map.of("sparseTopk", 0.5)), null);
        assertThat(auto.steps()).isEqualTo(4);
        assertThat(auto.guidance()).isEqualTo(1);
        assertThat(auto.scheduler()).isEqualTo("rcm");
        assertThat(auto.parameter("sigmaMax")).isEqualTo(80);
        Path file = folder.resolve("latents.safetensors");
        var load = snapshot.loadSettings(Precision.FP32, "none", List.of(), cpu);
        try (var pipeline = snapshot.load(load, cpu);
                var conditioning =
                        pipeline.condition(
                                small(auto, scheduler), new PromptInput.Embeds(EXPECTED), null)) {
            var generation =
                    pipeline.generate(
                                    conditioning,
                                    7,
                                    new LatentsFile(file, 4),
                                    GenerationListener.NONE,
                                    frame -> {})
                            .orElseThrow();
            assertThat(generation.timesteps()).containsExactly(988.0, 932.0, 852.0, 608.0);
            assertThat(generation.facts().get("keptBlocks")).isEqualTo(0.5);
        }
        try (var written = SafetensorsFile.open(file)) {
            Fixtures.assertClose(
                    written.tensor("latents").narrow(2, 1, 1),
                    expected.tensor("latents." + (scheduler.equals("rcm") ? "sde" : "ode")),
                    "latents");
        }
    }

    private static GenerationSettings small(GenerationSettings auto, String scheduler) {
        return new GenerationSettings(
                160, 192, 5, 16, auto.steps(), auto.guidance(), "", scheduler, auto.parameters());
    }

    @Test
    void shouldTakeUpAPausedGenerationWithTheSameFreshNoise() {
        var snapshot = WanSnapshot.open(TurboFiles.imageToVideo(folder.resolve("model")));
        var auto = snapshot.settings(CandidateConfig.defaults(), null);
        assertThat(auto.parameter("sigmaMax")).isEqualTo(200);
        assertThat(auto.parameter("boundary")).isEqualTo(0.9);
        var load = snapshot.loadSettings(Precision.FP32, "none", List.of(), cpu);
        var paused = new PausedFile(folder.resolve("paused"), "me");
        byte[] grey = new byte[160 * 192 * 3];
        try (var pipeline = snapshot.load(load, cpu);
                var conditioning =
                        pipeline.condition(
                                small(auto, "rcm"),
                                new PromptInput.Embeds(EXPECTED),
                                new RgbImage(160, 192, grey))) {
            var whole = new ArrayList<RgbImage>();
            var generation =
                    pipeline.generate(conditioning, 7, null, GenerationListener.NONE, whole::add)
                            .orElseThrow();
            assertThat(generation.facts()).containsEntry("switchStep", 2.0);
            assertThatThrownBy(
                            () ->
                                    pipeline.draft(
                                            conditioning,
                                            7,
                                            null,
                                            4,
                                            paused,
                                            GenerationListener.NONE,
                                            frame -> {}))
                    .hasMessageContainingAll("candidate.prune.after is 4", "has 4 steps");
            pipeline.draft(conditioning, 7, null, 2, paused, GenerationListener.NONE, frame -> {});
            var resumed = new ArrayList<RgbImage>();
            pipeline.resume(conditioning, 7, paused, GenerationListener.NONE, resumed::add);
            assertThat(resumed).hasSize(5);
            for (int i = 0; i < 5; i++) {
                assertThat(resumed.get(i).rgb()).isEqualTo(whole.get(i).rgb());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"FP8", "FP8_WEIGHTS", "BF16"})
    void shouldComputeInEveryPrecision(String precision) {
        var snapshot = WanSnapshot.open(TurboFiles.imageToVideo(folder));
        Tensor x = Noise.normal(20, 1, 36, 5, 24, 20);
        var parts = new WanPiecewise(snapshot, cpu, DType.FLOAT32);
        Tensor text = expected.tensor("prompt_embeds");
        Tensor exact = parts.velocity("transformer", List.of(), x, 932, text);
        try (var source = snapshot.part("transformer");
                var expert =
                        WanTransformer.alone(
                                snapshot.transformer(),
                                source,
                                cpu,
                                Precision.valueOf(precision),
                                false)) {
            var rows = Ops.to(text, DType.BFLOAT16).clone();
            rows.retainReference();
            try (var context = new TextContext(rows, 492);
                    var prompt = expert.prompt(context)) {
                Tensor found =
                        expert.apply(Ops.to(x, DType.BFLOAT16), 932, prompt, BlockVisits.RESIDENT);
                double error = Ops.to(found, DType.FLOAT32).sub(exact).norm().item_double();
                assertThat(error / exact.norm().item_double()).isLessThan(0.12);
            }
        }
    }

    @Test
    void shouldBeAModelOfTheFamilyLikeAnyOther() {
        Path model = TurboFiles.imageToVideo(folder);
        assertThat(new WanFamily().recognises(model)).isTrue();
        var snapshot = WanSnapshot.open(model);
        assertThat(snapshot.twoExperts()).isTrue();
        assertThat(snapshot.files()).containsKeys("transformer", "transformer_2");
        assertThat(snapshot.options().schedulers())
                .containsExactly("rcm", "rcm-ode", "euler", "unipc");
        assertThat(snapshot.defaults().width()).isEqualTo(1280);
        assertThat(snapshot.transformerParameters()).isGreaterThan(100_000);
        var ordinary = WanSnapshot.open(Fixtures.I2V);
        assertThat(ordinary.options().schedulers()).containsExactly("euler", "unipc");
        assertThat(ordinary.options().parameters()).doesNotContainKeys("sparseTopk", "sigmaMax");
    }

    @Test
    void shouldMergeALoraIntoTheDistilledWeights() {
        var snapshot = WanSnapshot.open(TurboFiles.imageToVideo(folder.resolve("model")));
        Path lora = folder.resolve("style.safetensors");
        SafetensorsWriter.write(
                lora,
                Map.of(
                        "diffusion_model.blocks.0.self_attn.q.lora_down.weight",
                        Noise.normal(1, 2, TurboFiles.DIM),
                        "diffusion_model.blocks.0.self_attn.q.lora_up.weight",
                        Noise.normal(2, TurboFiles.DIM, 2)),
                Map.of());
        String name = "blocks.0.attn1.to_q.weight";
        var spec = List.of(new LoraSpec(lora, 0.5));
        try (var plain = snapshot.part("transformer");
                var merged = snapshot.expert(Expert.HIGH, spec)) {
            long[] shape = {TurboFiles.DIM, TurboFiles.DIM};
            Tensor change =
                    merged.read(name, cpu, DType.FLOAT32, shape)
                            .sub(plain.read(name, cpu, DType.FLOAT32, shape));
            Tensor wanted =
                    Ops.mul(
                            Noise.normal(2, TurboFiles.DIM, 2)
                                    .matmul(Noise.normal(1, 2, TurboFiles.DIM)),
                            0.5);
            Fixtures.assertClose(change, wanted, "change");
        }
        var lightning =
                CandidateConfig.defaults()
                        .withLoras(List.of(new CandidateConfig.Lora("lightning", 1)));
        assertThat(snapshot.settings(lightning, null).scheduler()).isEqualTo("rcm");
    }
}
