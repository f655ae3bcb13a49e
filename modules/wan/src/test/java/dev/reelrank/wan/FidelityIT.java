package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.ConfigFile;
import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.LatentsFile;
import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.BlockVisits;
import dev.reelrank.diffusion.offload.Offload;
import dev.reelrank.diffusion.schedule.UniPcScheduler;
import dev.reelrank.diffusion.text.TextContext;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Noise;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What once computed something else in silence, against diffusers and PEFT (make_fidelity.py). */
final class FidelityIT {
    private static final Path FIDELITY = Fixtures.ROOT.resolve("fidelity");
    private static final List<String> CHANGED =
            List.of(
                    "blocks.0.attn1.to_q.weight",
                    "blocks.1.attn2.to_out.0.weight",
                    "blocks.1.ffn.net.2.weight",
                    "blocks.1.ffn.net.2.bias");

    private final TorchDevice cpu = TorchDevice.cpu();
    private final SafetensorsFile expected =
            SafetensorsFile.open(FIDELITY.resolve("expected.safetensors"));
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

    @ParameterizedTest
    @CsvSource({"1,1", "1,9", "2,1", "2,2", "2,3", "2,9", "3,1", "3,2", "3,3", "3,9"})
    void shouldStepAsUniPcOfEveryOrder(int order, int steps) {
        Tensor samples = expected.tensor("unipc.%d.bh2.%d".formatted(order, steps));
        var scheduler = new UniPcScheduler(steps, 5, order);
        try {
            Tensor x = samples.select(0, 0);
            double[] timesteps = scheduler.timesteps();
            for (int i = 0; i < timesteps.length; i++) {
                Tensor velocity = x.mul(new Scalar(3.0)).sin().add(Ops.mul(x, timesteps[i] / 1000));
                x = scheduler.step(i, velocity, x);
                Fixtures.assertClose(x, samples.select(0, i + 1), "step " + i);
            }
        } finally {
            scheduler.close();
        }
    }

    @Test
    void shouldComputeAnExpertWithoutANormBeforeTheCrossAttention() {
        Path model = FIDELITY.resolve("no_cross_norm");
        var config = TransformerConfig.read(ConfigFile.read(model.resolve("config.json")));
        assertThat(config.crossNorm()).isFalse();
        Tensor rows = Noise.normal(21, 1, 512, 32).squeeze(0).narrow(0, 0, 20).clone();
        rows.retainReference();
        try (var source = Checkpoint.open(model);
                var expert = WanTransformer.alone(config, source, cpu, Precision.FP32, false);
                var text = new TextContext(rows, 492);
                var prompt = expert.prompt(text)) {
            Tensor x = Noise.normal(20, 1, 16, 3, 4, 6);
            Fixtures.assertClose(
                    expert.apply(x, 500, prompt, BlockVisits.RESIDENT),
                    expected.tensor("no_cross_norm"),
                    "velocity");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "lora_diffusers,high,lora_diffusers.high",
        "lora_both.safetensors,high,lora_both.high",
        "lora_both.safetensors,low,lora_both.low",
        "lora_peft,high,lora_peft.high"
    })
    void shouldMergeLorasAsTheLibrariesThatWroteThem(String lora, String part, String name) {
        var snapshot = WanSnapshot.open(Fixtures.I2V);
        var spec = new LoraSpec(FIDELITY.resolve(lora), 0.75);
        var expert = part.equals("high") ? Expert.HIGH : Expert.LOW;
        try (var source = snapshot.expert(expert, List.of(spec))) {
            for (String tensor : CHANGED) {
                Tensor wanted = expected.tensor(name + "." + tensor);
                Fixtures.assertClose(
                        source.read(tensor, cpu, DType.FLOAT32, wanted.shape()), wanted, tensor);
            }
            assertThat(source.applied(part))
                    .singleElement()
                    .satisfies(
                            applied -> {
                                assertThat(applied.strength()).isEqualTo(0.75);
                                assertThat(applied.layers())
                                        .isEqualTo(lora.equals("lora_peft") ? 20 : 10);
                            });
        }
    }

    @Test
    void shouldLeaveTheSecondExpertAloneWhereALoraIsForTheFirst() {
        var snapshot = WanSnapshot.open(Fixtures.I2V);
        var spec = new LoraSpec(FIDELITY.resolve("lora_diffusers"), 1);
        assertThat(snapshot.loraFiles(spec)).containsOnlyKeys("high");
        try (var source = snapshot.expert(Expert.LOW, List.of(spec))) {
            assertThat(source.applied("low")).isEmpty();
        }
    }

    private Path textToVideo(boolean boundary) throws Exception {
        Path t2v = Fixtures.textToVideo(folder.resolve("t2v"));
        if (!boundary) {
            Path index = t2v.resolve("model_index.json");
            Files.writeString(
                    index,
                    Files.readString(index)
                            .replace("\"boundary_ratio\": 0.875", "\"boundary_ratio\": null"));
        }
        return t2v;
    }

    private Tensor latents(WanSnapshot snapshot, Map<String, Double> parameters) {
        var settings =
                new GenerationSettings(
                        32, 32, 5, 16, 5, 4, "the red dog runs", "unipc", parameters);
        Path file = folder.resolve("latents.safetensors");
        var loading = new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null);
        try (var pipeline = WanPipeline.load(snapshot, loading, cpu);
                var conditioning =
                        pipeline.condition(
                                settings, "a cat sails slowly over the blue sea", null)) {
            var generation =
                    pipeline.generate(
                                    conditioning,
                                    5,
                                    new LatentsFile(file, 5),
                                    GenerationListener.NONE,
                                    frame -> {})
                            .orElseThrow();
            assertThat(generation.timesteps()).hasSize(5);
            assertThat(conditioning.promptTokens()).isEqualTo(9);
            assertThat(conditioning.promptTokensCut()).isZero();
        }
        try (var written = SafetensorsFile.open(file)) {
            return written.tensor("latents").clone();
        }
    }

    @Test
    void shouldGuideEachExpertByItsOwnScale() throws Exception {
        var snapshot = WanSnapshot.open(textToVideo(true));
        Tensor found =
                latents(snapshot, Map.of("shift", 8.0, "boundary", 0.875, "guidanceLow", 3.0));
        Fixtures.assertClose(found, expected.tensor("two_guidances"), "latents");
    }

    @Test
    void shouldGuideBothExpertsAlikeWhereOneGuidanceIsAskedFor() throws Exception {
        var snapshot = WanSnapshot.open(textToVideo(true));
        var auto = snapshot.settings(guided(null, Map.of()), null);
        assertThat(auto.guidance()).isEqualTo(4);
        assertThat(auto.parameters()).containsEntry("guidanceLow", 3.0);
        var one = snapshot.settings(guided(1.0, Map.of()), null);
        assertThat(one.parameters()).containsEntry("guidanceLow", 1.0);
        var two = snapshot.settings(guided(6.0, Map.of("guidanceLow", 2.0)), null);
        assertThat(two.guidance()).isEqualTo(6);
        assertThat(two.parameters()).containsEntry("guidanceLow", 2.0);
    }

    private static CandidateConfig guided(Double guidance, Map<String, Double> parameters) {
        return new CandidateConfig(
                null,
                List.of(1L),
                null,
                null,
                null,
                "area",
                null,
                null,
                guidance,
                "",
                null,
                null,
                null,
                parameters,
                null,
                "auto",
                "auto",
                "h264",
                18);
    }

    @Test
    void shouldLetTheFirstExpertWorkAloneWithoutABoundary() throws Exception {
        var snapshot = WanSnapshot.open(textToVideo(false));
        assertThat(snapshot.defaults().parameters()).containsEntry("boundary", 0.0);
        Tensor found = latents(snapshot, Map.of("shift", 8.0, "boundary", 0.0));
        Fixtures.assertClose(found, expected.tensor("no_boundary"), "latents");
    }

    @Test
    void shouldReadATextEncoderWhoseTableHasItsOtherName() throws Exception {
        Fixtures.copy(Fixtures.I2V, folder);
        Path file = folder.resolve("text_encoder/model.safetensors");
        float[] wanted = encoded();
        Fixtures.rewrite(
                file,
                tensors -> {
                    tensors.remove("encoder.embed_tokens.weight");
                    tensors.put("encoder.embed_tokens.weight", tensors.remove("shared.weight"));
                });
        assertThat(encoded()).isEqualTo(wanted);
    }

    private float[] encoded() {
        try (var texts = WanSnapshot.open(folder).texts(cpu, DType.FLOAT32, false);
                var context = texts.encode("a cat")) {
            return Ops.floats(context.rows());
        }
    }

    @Test
    void shouldTellHowMuchOfAPromptIsCut() {
        try (var texts = WanSnapshot.open(Fixtures.I2V).texts(cpu, DType.FLOAT32, false);
                var context = texts.encode("red ".repeat(600))) {
            assertThat(context.tokens()).isEqualTo(512);
            assertThat(context.cut()).isEqualTo(601 - 512);
        }
    }

    @Test
    void shouldTakeSchedulerShiftAndOrderFromTheFolder() throws Exception {
        Fixtures.copy(Fixtures.I2V, folder);
        var published = WanSnapshot.open(folder).defaults();
        assertThat(published.scheduler()).isEqualTo("unipc");
        assertThat(published.parameters()).containsEntry("shift", 3.0);
        assertThat(published.steps()).isEqualTo(40);
        assertThat(published.guidance()).isEqualTo(3.5);
        Path file = folder.resolve("scheduler/scheduler_config.json");
        String text = Files.readString(file);
        Files.writeString(
                file,
                text.replace("\"flow_shift\": 3.0", "\"flow_shift\": 8.0")
                        .replace("\"solver_order\": 2", "\"solver_order\": 3"));
        var other = WanSnapshot.open(folder);
        assertThat(other.defaults().parameters()).containsEntry("shift", 8.0);
        assertThat(other.schedulers().order()).isEqualTo(3);
        Files.writeString(file, text.replace("\"bh2\"", "\"bh1\""));
        assertThatThrownBy(() -> WanSnapshot.open(folder))
                .hasMessageContaining("solver_type must be bh2");
        Files.writeString(
                file, "{\"_class_name\": \"FlowMatchEulerDiscreteScheduler\", \"shift\": 6.0}");
        assertThat(WanSnapshot.open(folder).defaults().scheduler()).isEqualTo("euler");
        Files.writeString(file, "{\"_class_name\": \"DDIMScheduler\"}");
        assertThatThrownBy(() -> WanSnapshot.open(folder))
                .hasMessageContaining("_class_name")
                .hasMessageContaining("UniPCMultistepScheduler");
    }

    @Test
    void shouldWriteTheSameBytesForTheSameLatents() throws Exception {
        Path file = folder.resolve("l.safetensors");
        new LatentsFile(file, 2).write(Ops.tensor(new float[] {1}, 1), 7);
        String header = Files.readString(file, java.nio.charset.StandardCharsets.ISO_8859_1);
        assertThat(header)
                .contains("{\"__metadata__\":{\"seed\":\"7\",\"step\":\"2\"},\"latents\"");
    }

    /** A model in ComfyUI's layout, with the tokenizer that it lacks. */
    private Path comfy() {
        Fixtures.copy(FIDELITY.resolve("comfy"), folder.resolve("comfy"));
        return Fixtures.copy(Fixtures.I2V.resolve("tokenizer"), folder.resolve("comfy/tokenizer"))
                .getParent();
    }

    @Test
    void shouldGenerateFromComfyUisFilesWhatDiffusersGenerates() {
        var family = new WanFamily();
        Path comfy = comfy();
        assertThat(family.recognises(comfy)).isTrue();
        var snapshot = WanSnapshot.open(comfy);
        assertThat(snapshot.twoExperts()).isFalse();
        assertThat(snapshot.files())
                .containsOnlyKeys("transformer", "vae", "text_encoder", "tokenizer");
        var settings =
                new GenerationSettings(
                        32, 32, 5, 16, 3, 5, "the red dog runs", "unipc", Map.of("shift", 3.0));
        Path file = folder.resolve("latents.safetensors");
        var frames = new ArrayList<RgbImage>();
        var loading = new LoadSettings(Precision.FP32, Offload.NONE, List.of(), null);
        try (var pipeline = WanPipeline.load(snapshot, loading, cpu);
                var conditioning =
                        pipeline.condition(
                                settings, "a cat sails slowly over the blue sea", null)) {
            var generation =
                    pipeline.generate(
                            conditioning,
                            6,
                            new LatentsFile(file, 3),
                            GenerationListener.NONE,
                            frames::add);
            assertThat(generation).isPresent();
        }
        try (var written = SafetensorsFile.open(file)) {
            Fixtures.assertClose(
                    written.tensor("latents"), expected.tensor("comfy.latents"), "latents");
        }
        Fixtures.assertSamePixels(frames, expected.tensor("comfy.frames"), "frames");
    }

    @Test
    void shouldReadAnAutoencoderOfOriginalNamesBothWays() {
        var snapshot = WanSnapshot.open(comfy());
        try (var source = snapshot.part("vae");
                var vae = new Vae(snapshot.vae(), source, cpu, DType.FLOAT32)) {
            var decoded = new ArrayList<Tensor>();
            Tensor z = Noise.normal(11, 1, 16, 2, 2, 3).squeeze(0).permute(1, 0, 2, 3);
            vae.decode(
                    z,
                    null,
                    chunk -> {
                        Tensor copy = chunk.clone();
                        copy.retainReference();
                        decoded.add(copy);
                    });
            Fixtures.assertClose(
                    asVideo(Ops.cat(0, decoded.toArray(Tensor[]::new))),
                    expected.tensor("comfy.decoded"),
                    "decoded");
            decoded.forEach(Tensor::releaseReference);
            Tensor video =
                    Noise.normal(10, 1, 3, 5, 16, 24)
                            .clamp(
                                    new ScalarOptional(new Scalar(-1.0)),
                                    new ScalarOptional(new Scalar(1.0)))
                            .squeeze(0)
                            .permute(1, 0, 2, 3);
            Fixtures.assertClose(
                    asVideo(vae.encode(video, null)), expected.tensor("comfy.encoded"), "encoded");
        }
    }

    private static Tensor asVideo(Tensor frames) {
        return frames.permute(1, 0, 2, 3).unsqueeze(0);
    }

    @Test
    void shouldReadOriginalNamesInsideADiffusersFolder() throws Exception {
        Path t2v = Fixtures.textToVideo(folder.resolve("t2v"));
        var ours = WanSnapshot.open(t2v);
        for (Expert expert : Expert.values()) {
            Path weights =
                    t2v.resolve(expert.folder()).resolve("diffusion_pytorch_model.safetensors");
            Path kept = folder.resolve(expert.folder() + ".safetensors");
            Files.move(weights, kept);
            Files.copy(FIDELITY.resolve("original_" + expert.folder() + ".safetensors"), weights);
            try (var wanted = Checkpoint.open(kept);
                    var found = ours.part(expert.folder())) {
                assertThat(found.names()).isEqualTo(wanted.names());
                for (String name : wanted.names()) {
                    long[] shape = wanted.info(name).shape();
                    assertThat(Ops.floats(found.read(name, cpu, DType.FLOAT32, shape)))
                            .as(name)
                            .isEqualTo(Ops.floats(wanted.read(name, cpu, DType.FLOAT32, shape)));
                }
            }
        }
    }

    @Test
    void shouldSayWhichLayoutItIsAndWhatToUse() throws Exception {
        Path original = Files.createDirectories(folder.resolve("Wan2.2-T2V-A14B"));
        Files.createDirectories(original.resolve("high_noise_model"));
        assertThat(new WanFamily().recognises(original)).isTrue();
        assertThatThrownBy(() -> WanSnapshot.open(original))
                .hasMessageContaining("original layout")
                .hasMessageContaining("-Diffusers")
                .hasMessageContaining("diffusion_models/");
        Path comfy = comfy();
        Path models = comfy.resolve("diffusion_models");
        Path file = models.resolve("wan2.1_t2v_1.3B_fp16.safetensors");
        Files.copy(file, models.resolve("wan2.2_t2v_high_noise_14B_fp16.safetensors"));
        assertThatThrownBy(() -> WanSnapshot.open(comfy))
                .hasMessageContaining("several models")
                .hasMessageContaining("low_noise");
        Files.move(file, models.resolve("wan2.2_t2v_low_noise_14B_fp16.safetensors"));
        var two = WanSnapshot.open(comfy);
        assertThat(two.twoExperts()).isTrue();
        assertThat(two.defaults().parameters()).containsEntry("boundary", 0.875);
        Fixtures.rewrite(
                models.resolve("wan2.2_t2v_low_noise_14B_fp16.safetensors"),
                tensors -> tensors.put("scaled_fp8", Ops.tensor(new float[] {1}, 1)));
        assertThatThrownBy(() -> two.files())
                .hasMessageContaining("scaled_fp8")
                .hasMessageContaining("fp16 or bf16");
        Files.delete(comfy.resolve("tokenizer/tokenizer.json"));
        assertThatThrownBy(() -> WanSnapshot.open(comfy))
                .hasMessageContaining("no tokenizer")
                .hasMessageContaining("-Diffusers");
    }

    @Test
    void shouldReadThePublishedSizesOffTheTensors() throws Exception {
        // As the header of a real file has them; the numbers themselves are a hole in the file.
        Path file = folder.resolve("wan.safetensors");
        var shapes = new LinkedHashMap<String, long[]>();
        shapes.put("patch_embedding.weight", new long[] {5120, 36, 1, 2, 2});
        shapes.put("text_embedding.0.weight", new long[] {5120, 4096});
        shapes.put("time_embedding.0.weight", new long[] {5120, 256});
        shapes.put("head.head.weight", new long[] {64, 5120});
        shapes.put("head.modulation", new long[] {1, 2, 5120});
        for (int i = 0; i < 40; i++) {
            shapes.put("blocks." + i + ".ffn.0.weight", new long[] {13824, 5120});
            shapes.put("blocks." + i + ".norm3.weight", new long[] {5120});
        }
        Fixtures.writeHole(file, shapes);
        try (var checkpoint = Checkpoint.open(file)) {
            assertThat(SizesOfTensors.transformer(checkpoint))
                    .usingRecursiveComparison()
                    .isEqualTo(TransformerConfig.a14b(true));
        }
    }
}
