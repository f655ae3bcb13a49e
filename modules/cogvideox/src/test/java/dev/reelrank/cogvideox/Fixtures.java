package dev.reelrank.cogvideox;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/** The tiny pipelines of make_fixtures.py, and what diffusers answered. */
final class Fixtures {
    static final Path ROOT = Path.of("src/test/resources/cogvideox");
    static final double TOLERANCE = 1e-4;
    static final String PROMPT = "a cat sails slowly over the blue sea";

    private Fixtures() {}

    /** What diffusers answered to a group of questions. */
    static SafetensorsFile expected(String group) {
        return SafetensorsFile.open(ROOT.resolve(group + ".safetensors"));
    }

    /** A model's folder, put together from what it shares with the others and what it has alone. */
    static Path folder(String name, Path parent) {
        Path folder = parent.resolve(name);
        copy(ROOT.resolve("base"), folder);
        copy(ROOT.resolve(name), folder);
        if (Files.exists(folder.resolve("invert"))) {
            edit(
                    folder.resolve("vae/config.json"),
                    "\"invert_scale_latents\": false",
                    "\"invert_scale_latents\": true");
        }
        return folder;
    }

    static CogModel model(String name, Path parent) {
        return CogModel.open(folder(name, parent));
    }

    static void copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Replaces a text that is there. */
    static void edit(Path file, String from, String to) {
        try {
            String text = Files.readString(file);
            assertThat(text).contains(from);
            Files.writeString(file, text.replace(from, to));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static GenerationSettings settings(
            int width,
            int height,
            int frames,
            int steps,
            double guidance,
            String negative,
            String scheduler,
            double dynamic) {
        return new GenerationSettings(
                width,
                height,
                frames,
                8,
                steps,
                guidance,
                negative,
                scheduler,
                Map.of(CogModel.DYNAMIC_GUIDANCE, dynamic));
    }

    static RgbImage image() {
        try (var file = expected("image");
                var scope = TensorScope.open()) {
            Tensor pixels = file.tensor("image.source");
            return new RgbImage((int) pixels.size(1), (int) pixels.size(0), Ops.bytes(pixels));
        }
    }

    /** Relative to the largest magnitude of what is expected. */
    static void assertClose(Tensor actual, Tensor wanted, String what) {
        assertThat(actual.shape()).as(what).containsExactly(wanted.shape());
        try (var scope = TensorScope.open()) {
            double error = actual.sub(wanted).abs().max().item_float();
            double scale = wanted.abs().max().item_float();
            assertThat(error / scale).as(what).isLessThan(TOLERANCE);
        }
    }

    /** At most one grey level apart on 99.9 % of the values. */
    static void assertSamePixels(List<RgbImage> actual, Tensor wanted, String what) {
        byte[] bytes = Ops.bytes(wanted);
        assertThat(actual).as(what).hasSize((int) wanted.size(0));
        int apart = 0;
        int at = 0;
        for (var image : actual) {
            for (byte value : image.rgb()) {
                apart += Math.abs((value & 0xff) - (bytes[at++] & 0xff)) > 1 ? 1 : 0;
            }
        }
        assertThat(at).as(what).isEqualTo(bytes.length);
        assertThat((double) apart / at).as(what).isLessThanOrEqualTo(0.001);
    }
}
