package dev.reelrank.animatediff;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.diffusion.GenerationListener;
import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.diffusion.PromptInput;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tiny Stable Diffusion in one file, and its motion modules as AnimateDiff publishes them; see
 * make_single.py, where diffusers converts both back to the folder that the other tests use.
 */
final class SingleFileIT {
    private static final Path SINGLE = Fixtures.ROOT.resolve("single");

    @TempDir Path folder;
    private Path model;

    @BeforeEach
    void single() throws IOException {
        model = Fixtures.copy(SINGLE, folder.resolve("model"));
        Fixtures.copy(Fixtures.SD.resolve("tokenizer"), model.resolve("tokenizer"));
        // Its sizes are not those of Stable Diffusion 1.5.
        for (String part : List.of("unet", "vae", "text_encoder", "motion_adapter")) {
            Files.createDirectories(model.resolve(part));
            Files.copy(
                    Fixtures.SD.resolve(part).resolve("config.json"),
                    model.resolve(part).resolve("config.json"));
        }
    }

    @Test
    void hasTheTensorsOfTheFolderThatDiffusersMakesOfIt() throws IOException {
        assertThat(new AnimateDiffFamily().recognises(model)).isTrue();
        var one = AnimateDiffFolder.read(model);
        var many = AnimateDiffFolder.read(Fixtures.SD);
        for (String part : List.of("unet", "vae", "text_encoder")) {
            int compared = 0;
            try (var mine = one.weights().open(part);
                    var theirs = many.weights().open(part);
                    var shapes = Shapes.of(part);
                    var scope = TensorScope.open()) {
                for (var shape : shapes.all().entrySet()) {
                    String name = shape.getKey();
                    var a = mine.read(name, TorchDevice.cpu(), DType.FLOAT32, shape.getValue());
                    var b = theirs.read(name, TorchDevice.cpu(), DType.FLOAT32, shape.getValue());
                    assertThat(a.equal(b)).as(part + " " + name).isTrue();
                    compared++;
                }
                assertThat(mine.names()).as(part).containsAll(shapes.all().keySet());
            }
            assertThat(compared).as(part).isGreaterThan(30);
        }
    }

    /** Shapes as the folder's files have them, under the names of today. */
    private record Shapes(Map<String, long[]> all) implements AutoCloseable {
        static Shapes of(String part) {
            String name = part.equals("text_encoder") ? "model" : "diffusion_pytorch_model";
            try (var file =
                    SafetensorsFile.open(
                            Fixtures.SD.resolve(part).resolve(name + ".safetensors"))) {
                var all = new TreeMap<String, long[]>();
                file.tensors()
                        .forEach(
                                (tensor, info) -> {
                                    if (!tensor.endsWith("position_ids")) {
                                        all.put(now(tensor), info.shape());
                                    }
                                });
                return new Shapes(all);
            }
        }

        private static String now(String name) {
            return name.contains(".attentions.")
                    ? name.replace(".query.", ".to_q.")
                            .replace(".key.", ".to_k.")
                            .replace(".value.", ".to_v.")
                            .replace(".proj_attn.", ".to_out.0.")
                    : name;
        }

        @Override
        public void close() {}
    }

    @Test
    void makesTheVideoOfTheFolder() {
        var frames = video(model);
        var same = video(Fixtures.SD);
        for (int i = 0; i < same.size(); i++) {
            assertThat(frames.get(i).rgb()).isEqualTo(same.get(i).rgb());
        }
        assertThat(AnimateDiffModel.open(model).files())
                .containsKeys("checkpoint", "motion_adapter", "tokenizer");
    }

    private static List<RgbImage> video(Path of) {
        var settings =
                new GenerationSettings(
                        32,
                        24,
                        8,
                        8,
                        2,
                        7.5,
                        "red dog",
                        AnimateDiffModel.DDIM,
                        Map.of(AnimateDiffModel.CLIP_SKIP, 0.0));
        try (var generator = AnimateDiffModel.open(of).load(Fixtures.load(), TorchDevice.cpu());
                var sample =
                        generator.condition(settings, new PromptInput.Text("a red moon"), null)) {
            return generator.generate(sample, 1, GenerationListener.NONE).orElseThrow().frames();
        }
    }

    @Test
    void readsTheSizesOfMotionModulesOffTheirTensors() throws IOException {
        Files.delete(model.resolve("motion_adapter").resolve("config.json"));
        var motion = AnimateDiffFolder.read(model).unet().motion();
        assertThat(motion.maxFrames()).isEqualTo(24);
        assertThat(motion.middle()).isTrue();
        assertThat(motion.heads()).containsExactly(8L, 8L, 8L);
    }

    @Test
    void isStableDiffusion15WhereTheFolderSaysNothing() throws IOException {
        for (String part : List.of("unet", "vae", "text_encoder", "motion_adapter")) {
            Files.delete(model.resolve(part).resolve("config.json"));
        }
        var read = AnimateDiffModel.open(model);
        assertThat(read.parts().unet().channels()).containsExactly(320L, 640L, 1280L, 1280L);
        assertThat(read.parts().text().dim()).isEqualTo(768);
        assertThatThrownBy(() -> read.load(Fixtures.load(), TorchDevice.cpu()))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining("text_model.embeddings");
    }

    @Test
    void refusesWhatIsNoCheckpointOrOneOfSeveral() throws IOException {
        Files.copy(model.resolve("tiny.safetensors"), model.resolve("another.safetensors"));
        assertThatThrownBy(() -> AnimateDiffModel.open(model))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("another.safetensors, tiny.safetensors");
        Files.delete(model.resolve("tiny.safetensors"));
        Files.delete(model.resolve("another.safetensors"));
        Files.copy(
                Fixtures.ROOT.resolve("loras/kohya.safetensors"),
                model.resolve("lora.safetensors"));
        assertThatThrownBy(() -> AnimateDiffModel.open(model).files())
                .isInstanceOf(StageException.class)
                .hasMessageContaining("no checkpoint of Stable Diffusion 1.5");
    }

    @Test
    void refusesAnotherFileInThePlaceOfMotionModules() throws IOException {
        Files.delete(model.resolve("motion_adapter").resolve("config.json"));
        Files.delete(model.resolve("motion_adapter").resolve("mm_tiny.safetensors"));
        Files.copy(
                Fixtures.ROOT.resolve("loras/kohya.safetensors"),
                model.resolve("motion_adapter").resolve("mm.safetensors"));
        assertThatThrownBy(() -> AnimateDiffModel.open(model))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("holds no motion modules");
    }
}
