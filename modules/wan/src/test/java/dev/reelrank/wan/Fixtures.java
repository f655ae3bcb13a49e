package dev.reelrank.wan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.diffusion.GenerationSettings;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.SafetensorsWriter;
import dev.reelrank.torch.TensorScope;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;

/** The tiny pipelines of make_fixtures.py, and what diffusers answered. */
final class Fixtures {
    static final Path ROOT = Path.of("src/test/resources/wan");
    static final Path I2V = ROOT.resolve("i2v");
    static final double TOLERANCE = 1e-4;

    private Fixtures() {}

    static SafetensorsFile expected() {
        return SafetensorsFile.open(ROOT.resolve("expected.safetensors"));
    }

    /** Copies a snapshot, so that a test may damage it. */
    static Path copy(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else if (!Files.exists(target)) {
                    Files.copy(file, target);
                }
            }
            return to;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Like {@link #copy}, also over files that are there. */
    static void copyAnew(Path from, Path to) {
        try (var files = Files.walk(from)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(
                        file,
                        to.resolve(from.relativize(file).toString()),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes the tensors of a file. */
    static void rewrite(Path path, Consumer<Map<String, Tensor>> change) {
        try (var scope = TensorScope.open()) {
            var tensors = new LinkedHashMap<String, Tensor>();
            try (var checkpoint = Checkpoint.open(path)) {
                for (String name : checkpoint.names()) {
                    tensors.put(name, checkpoint.stored(name).clone());
                }
            }
            change.accept(tensors);
            SafetensorsWriter.write(path, tensors, Map.of());
        }
    }

    /** A bfloat16 file with this header, whose numbers take no room. */
    static void writeHole(Path path, Map<String, long[]> shapes) throws IOException {
        var header = new StringBuilder("{");
        long offset = 0;
        for (var shape : shapes.entrySet()) {
            long end = offset + 2 * LongStream.of(shape.getValue()).reduce(1, (a, b) -> a * b);
            header.append(header.length() > 1 ? "," : "")
                    .append(
                            "\"%s\":{\"dtype\":\"BF16\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
                                    .formatted(
                                            shape.getKey(),
                                            Arrays.toString(shape.getValue()),
                                            offset,
                                            end));
            offset = end;
        }
        byte[] text = header.append("}").toString().getBytes(StandardCharsets.UTF_8);
        var length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length);
        try (var file = new RandomAccessFile(path.toFile(), "rw")) {
            file.write(length.array());
            file.write(text);
            file.setLength(8 + text.length + offset);
        }
    }

    /** The text-to-video snapshot, which shares its other parts with the image-to-video one. */
    static Path textToVideo(Path folder) {
        copy(ROOT.resolve("t2v"), folder);
        return copy(I2V, folder);
    }

    static GenerationSettings settings(
            int width,
            int height,
            int frames,
            int steps,
            double guidance,
            String negative,
            String scheduler,
            double shift,
            double boundary) {
        return new GenerationSettings(
                width,
                height,
                frames,
                16,
                steps,
                guidance,
                negative,
                scheduler,
                Map.of(WanSnapshot.SHIFT, shift, WanSnapshot.BOUNDARY, boundary));
    }

    static RgbImage image(SafetensorsFile expected, String name) {
        try (var scope = TensorScope.open()) {
            Tensor pixels = expected.tensor(name);
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
