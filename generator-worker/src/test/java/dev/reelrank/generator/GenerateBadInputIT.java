package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** What {@code reelrank generate} says to what the models of the further families cannot do. */
final class GenerateBadInputIT {
    private static final Path MODULES = Path.of("../modules");
    private static final Path COG = fixtures("cogvideox");
    private static final Path DIFF = fixtures("animatediff");
    private static final Path WAN = fixtures("wan");

    @TempDir Path folder;

    private static Path fixtures(String module) {
        return MODULES.resolve(module).resolve("src/test/resources").resolve(module);
    }

    private Path model(Path... parts) throws IOException {
        Path model = folder.resolve("model");
        for (Path part : parts) {
            copy(part, model);
        }
        return model;
    }

    private Path ti2v() throws IOException {
        Path model = model(WAN.resolve("ti2v"));
        for (String shared : List.of("tokenizer", "text_encoder")) {
            copy(WAN.resolve("i2v").resolve(shared), model.resolve(shared));
        }
        return model;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
    }

    private static void edit(Path file, String old, String now) throws IOException {
        String text = Files.readString(file);
        assertThat(text).contains(old);
        Files.writeString(file, text.replace(old, now));
    }

    private void assertRefused(FailureCode code, Path model, List<String> more, String... words) {
        var thrown = new Exception[1];
        var all =
                new ArrayList<>(
                        List.of(
                                "--models",
                                model.toString(),
                                "--device",
                                "cpu",
                                "--seed",
                                "1",
                                "--out",
                                folder.resolve("out.mp4").toString(),
                                "--prompt",
                                "a cat sails"));
        all.addAll(more);
        new CommandLine(new GenerateCommand())
                .setExecutionExceptionHandler(
                        (e, line, result) -> {
                            thrown[0] = e;
                            return 1;
                        })
                .execute(all.toArray(String[]::new));
        assertThat(thrown[0]).isInstanceOf(StageException.class);
        assertThat(((StageException) thrown[0]).code()).isEqualTo(code);
        assertThat(thrown[0].getMessage()).contains(words);
        assertThat(folder.resolve("out.mp4")).doesNotExist();
    }

    private String picture() throws IOException {
        Path file = folder.resolve("picture.png");
        var image = new BufferedImage(48, 32, BufferedImage.TYPE_INT_RGB);
        ImageIO.write(image, "png", file.toFile());
        return file.toString();
    }

    @Test
    void numbersOfFramesAndSizesComeWithThoseThatAreThere() throws IOException {
        Path t2v = model(COG.resolve("base"), COG.resolve("t2v"));
        assertRefused(FailureCode.INVALID_CONFIG, t2v, List.of("--frames", "50"), "50", "49");
        assertRefused(FailureCode.INVALID_CONFIG, t2v, List.of("--size", "40x32"), "40x32", "16");
    }

    @Test
    void animateDiffMakesNoMoreFramesThanItsPositions() throws IOException {
        Path sd = model(DIFF.resolve("sd"));
        assertRefused(FailureCode.INVALID_CONFIG, sd, List.of("--frames", "33"), "33", "24");
        assertRefused(FailureCode.INVALID_CONFIG, sd, List.of("--image", picture()), "image");
    }

    @Test
    void ti2vHasRulesOfItsOwn() throws IOException {
        Path ti2v = ti2v();
        assertRefused(FailureCode.INVALID_CONFIG, ti2v, List.of("--frames", "50"), "50", "4k+1");
        assertRefused(FailureCode.INVALID_CONFIG, ti2v, List.of("--size", "48x32"), "48x32", "32");
    }

    @Test
    void anImageTooManyOrTooFew() throws IOException {
        Path t2v = model(COG.resolve("base"), COG.resolve("t2v"));
        assertRefused(FailureCode.INVALID_CONFIG, t2v, List.of("--image", picture()), "image");
        Files.copy(
                COG.resolve("i2v/model_index.json"),
                t2v.resolve("model_index.json"),
                StandardCopyOption.REPLACE_EXISTING);
        assertRefused(
                FailureCode.MODEL_MISMATCH,
                t2v,
                List.of("--image", picture()),
                "CogVideoXImageToVideoPipeline");
    }

    @Test
    void imageToVideoNeedsAnImage() throws IOException {
        assertRefused(
                FailureCode.INVALID_CONFIG,
                model(COG.resolve("base"), COG.resolve("i2v")),
                List.of(),
                "image");
    }

    @Test
    void anotherFamily() throws IOException {
        Path sd = model(DIFF.resolve("sd"));
        edit(sd.resolve("model_index.json"), "StableDiffusionPipeline", "FluxPipeline");
        assertRefused(
                FailureCode.MODEL_MISMATCH,
                sd,
                List.of(),
                "FluxPipeline",
                "CogVideoX",
                "AnimateDiff");
        edit(sd.resolve("model_index.json"), "FluxPipeline", "CogVideoXPipeline");
        assertRefused(FailureCode.MODEL_MISSING, sd, List.of(), "transformer");
    }

    @Test
    void aMotionAdapterOfAnotherUnet() throws IOException {
        Path sd = model(DIFF.resolve("sd"));
        edit(sd.resolve("motion_adapter/config.json"), "12", "24");
        assertRefused(
                FailureCode.MODEL_MISMATCH, sd, List.of(), "motion_adapter", "block_out_channels");
    }

    @Test
    void aShardThatIsNotThere() throws IOException {
        Path t2v = model(COG.resolve("base"), COG.resolve("t2v"));
        Files.writeString(
                t2v.resolve("transformer/diffusion_pytorch_model.safetensors.index.json"),
                "{\"weight_map\": {\"proj_out.weight\": \"diffusion_pytorch_model-00002-of-00002.safetensors\"}}");
        assertRefused(
                FailureCode.MODEL_MISSING,
                t2v,
                List.of(),
                "diffusion_pytorch_model-00002-of-00002.safetensors");
    }
}
