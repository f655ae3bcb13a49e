package dev.reelrank.animatediff;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.LoadSettings;
import dev.reelrank.diffusion.Precision;
import dev.reelrank.diffusion.lora.LoraSpec;
import dev.reelrank.diffusion.offload.Offload;
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
import org.bytedeco.pytorch.Tensor;

/** The tiny pipelines of make_fixtures.py, and what diffusers answered. */
final class Fixtures {
    static final Path ROOT = Path.of("src/test/resources/animatediff");

    /** Stable Diffusion with a motion adapter in its folder. */
    static final Path SD = ROOT.resolve("sd");

    private static final double TOLERANCE = 1e-4;

    private Fixtures() {}

    static SafetensorsFile expected() {
        return SafetensorsFile.open(ROOT.resolve("expected.safetensors"));
    }

    static LoadSettings load(LoraSpec... loras) {
        return load(Precision.FP32, loras);
    }

    static LoadSettings load(Precision precision, LoraSpec... loras) {
        return new LoadSettings(precision, Offload.NONE, List.of(loras), null);
    }

    /** Copies a folder over another one. */
    static Path copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An AnimateDiffPipeline whose UNet holds the motion modules. */
    static Path whole(Path folder) {
        for (String part : List.of("vae", "text_encoder", "tokenizer")) {
            copy(SD.resolve(part), folder.resolve(part));
        }
        return copy(ROOT.resolve("whole"), folder);
    }

    /** Stable Diffusion with the adapter without a module in the middle. */
    static Path plain(Path folder) {
        copy(SD, folder);
        copy(ROOT.resolve("plain_adapter"), folder.resolve("motion_adapter"));
        return folder;
    }

    /** Relative to the largest magnitude of what is expected. */
    static void assertClose(Tensor actual, Tensor wanted, String what) {
        assertThat(actual.shape()).as(what).containsExactly(wanted.shape());
        assertThat(error(actual, wanted)).as(what).isLessThan(TOLERANCE);
    }

    /**
     * Relative to the size of what is expected, over all values: a whole trajectory with guidance
     * multiplies the last digits of single ones.
     */
    static void assertSame(Tensor actual, Tensor wanted, String what) {
        assertThat(actual.shape()).as(what).containsExactly(wanted.shape());
        try (var scope = TensorScope.open()) {
            double error = actual.sub(wanted).norm().item_float();
            assertThat(error / wanted.norm().item_float()).as(what).isLessThan(TOLERANCE);
        }
    }

    static double error(Tensor actual, Tensor wanted) {
        try (var scope = TensorScope.open()) {
            double error = actual.sub(wanted).abs().max().item_float();
            return error / wanted.abs().max().item_float();
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
