package dev.reelrank.upscale;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.hub.checkpoint.Convert;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.torch.Checkpoint;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Small networks with random weights, compared with PyTorch's own results. */
final class UpscalerIT {
    private static final Path FOLDER = Path.of("src/test/resources/upscale");
    private static final int HEIGHT = 10;
    private static final int WIDTH = 14;

    @TempDir Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"x4", "x2"})
    void shouldComputeWhatPyTorchComputes(String name) throws IOException {
        Path weights = folder.resolve("w.safetensors");
        Convert.run(FOLDER.resolve(name + ".pth"), weights, "params_ema", false);
        float[] both = floats(FOLDER.resolve(name + ".f32"));
        int inputs = 3 * HEIGHT * WIDTH;
        try (var checkpoint = Checkpoint.open(weights);
                var network = RrdbNet.load(checkpoint, TorchDevice.cpu(), DType.FLOAT32);
                var scope = TensorScope.inference()) {
            var picture = Ops.tensor(Arrays.copyOf(both, inputs), 1, 3, HEIGHT, WIDTH);
            float[] result = Ops.floats(network.apply(picture));
            int scale = name.equals("x4") ? 4 : 2;
            assertThat(network.scale()).isEqualTo(scale);
            assertThat(result).hasSize(inputs * scale * scale);
            for (int i = 0; i < result.length; i++) {
                assertThat(result[i]).isCloseTo(both[inputs + i], within(1e-4f));
            }
        }
    }

    @Test
    void shouldReadNcnnsFilesAsTheSameNetwork() {
        var picture = noise(20, 16);
        assertThat(enlarge("x4.bin", picture, UpscaleOptions.DEFAULT).rgb())
                .isEqualTo(enlarge("x4.pth", picture, UpscaleOptions.DEFAULT).rgb());
    }

    /** Two blocks look 64 pixels far at most: with that overlap there is no seam. */
    @Test
    void shouldComputeInPartsWhatItComputesAtOnce() {
        var picture = noise(75, 41);
        var whole = enlarge("x4.pth", picture, UpscaleOptions.DEFAULT);
        assertThat(whole.width()).isEqualTo(300);
        assertThat(whole.height()).isEqualTo(164);
        for (int batch : new int[] {1, 3}) {
            var parts = enlarge("x4.pth", picture, new UpscaleOptions(16, 64, batch, "fp32"));
            assertThat(largestDifference(whole, parts, 0)).isLessThanOrEqualTo(1);
        }
        // Without, there is one: the test would find it.
        var seams = enlarge("x4.pth", picture, new UpscaleOptions(16, 0, 1, "fp32"));
        assertThat(largestDifference(whole, seams, 0)).isGreaterThan(1);
    }

    @Test
    void shouldTakeOddSidesAndNeighbourlyPictures() {
        for (String name : new String[] {"x4.pth", "x2.pth"}) {
            var small = enlarge(name, noise(7, 5), UpscaleOptions.DEFAULT);
            int scale = name.startsWith("x4") ? 4 : 2;
            assertThat(small.width()).isEqualTo(7 * scale);
            assertThat(small.height()).isEqualTo(5 * scale);
        }
    }

    @Test
    void shouldEnlargeAVideoFrameByFrame() {
        Path clip = folder.resolve("clip.mp4");
        var settings = VideoSettings.h264(16).withPreset(EncodingPreset.ULTRAFAST);
        VideoWriter.write(clip, Collections.nCopies(3, noise(32, 24)), settings);
        Path large = folder.resolve("large.mp4");
        try (var upscaler =
                Upscaler.load(FOLDER.resolve("x4.pth"), Device.CPU, UpscaleOptions.DEFAULT)) {
            VideoUpscale.enlarge(upscaler, clip, large, settings, done -> {});
        }
        var info = VideoReader.probe(large);
        assertThat(info.width()).isEqualTo(128);
        assertThat(info.height()).isEqualTo(96);
        assertThat(info.frames()).isEqualTo(3);
        assertThat(info.fps()).isEqualTo(16);
    }

    @Test
    void shouldNameWhatIsNoRealEsrgan() throws IOException {
        Path cut = folder.resolve("cut.bin");
        byte[] bytes = Files.readAllBytes(FOLDER.resolve("x4.bin"));
        Files.write(cut, Arrays.copyOf(bytes, bytes.length - 100));
        Files.copy(FOLDER.resolve("x4.param"), folder.resolve("cut.param"));
        refused(cut, FailureCode.MODEL_MISMATCH, "it ends within conv_last");

        Path alone = Files.write(folder.resolve("alone.bin"), bytes);
        refused(alone, FailureCode.MODEL_MISSING, "alone.param");
        refused(folder.resolve("none.pth"), FailureCode.MODEL_MISSING, "none.pth");
        refused(
                Files.writeString(folder.resolve("x.pth"), "no"),
                FailureCode.MODEL_MISMATCH,
                "x.pth");
    }

    /**
     * bf16 keeps 8 bits of a number and fp16 11. Bounds are grey levels of 255: of the value that
     * is off most, and of all on the mean.
     */
    @ParameterizedTest
    @CsvSource({"bf16, 16, 3.0", "fp16, 2, 0.3"})
    void shouldComputeNearlyTheSameInHalfPrecision(String precision, int most, double mean) {
        for (String name : new String[] {"x4.pth", "x2.pth"}) {
            var picture = noise(40, 28);
            var whole = enlarge(name, picture, UpscaleOptions.DEFAULT);
            var half = enlarge(name, picture, new UpscaleOptions(256, 32, 1, precision));
            assertThat(largestDifference(whole, half, 0)).as(name).isBetween(1, most);
            assertThat(meanDifference(whole, half)).as(name).isLessThan(mean);
        }
    }

    @Test
    void shouldNameThePrecisionsThatThereAre() {
        assertThatThrownBy(() -> new UpscaleOptions(256, 32, 1, "fp8"))
                .hasMessageContaining("[bf16, fp16, fp32], was 'fp8'");
    }

    private static double meanDifference(RgbImage a, RgbImage b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return sum / a.rgb().length;
    }

    private static void refused(Path weights, FailureCode code, String said) {
        assertThatThrownBy(() -> Upscaler.load(weights, Device.CPU, UpscaleOptions.DEFAULT))
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(said);
    }

    private static RgbImage enlarge(String weights, RgbImage picture, UpscaleOptions options) {
        try (var upscaler = Upscaler.load(FOLDER.resolve(weights), Device.CPU, options)) {
            return upscaler.enlarge(picture);
        }
    }

    private static RgbImage noise(int width, int height) {
        var rgb = new byte[width * height * 3];
        new Random(3).nextBytes(rgb);
        return new RgbImage(width, height, rgb);
    }

    private static int largestDifference(RgbImage a, RgbImage b, int start) {
        int largest = start;
        for (int i = 0; i < a.rgb().length; i++) {
            largest = Math.max(largest, Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff)));
        }
        return largest;
    }

    private static float[] floats(Path file) throws IOException {
        var bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        var values = new float[bytes.remaining() / Float.BYTES];
        bytes.asFloatBuffer().get(values);
        return values;
    }
}
