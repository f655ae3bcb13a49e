package dev.reelrank.qwen;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testsupport.RelativeError;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;

class QwenPrecisionIT {
    private static double errorOfLogits(QwenPrecision precision) {
        try (var model = Fixtures.model(precision)) {
            var logits =
                    model.engine()
                            .forcedLogits(model.encode(Fixtures.chats().get("one")), List.of());
            return RelativeError.of(logits.get(0), Fixtures.tensor("one.prefill"));
        }
    }

    @Test
    void shouldStayNearFloat32InBfloat16() {
        assertThat(errorOfLogits(QwenPrecision.BF16)).isBetween(1e-5, 0.05);
    }

    @Test
    void shouldReportHowFarFourBitsAreFromFloat32() {
        var error = errorOfLogits(QwenPrecision.INT4);
        System.out.printf("int4: relative error of the logits %.3f (random weights)%n", error);
        // Weights without structure are the worst case: 16 steps over their range.
        assertThat(error).isBetween(1e-3, 0.5);
    }

    @Test
    void shouldStayNearFloat32InFourBitsOnTrainedWeights() throws IOException {
        var folder = Path.of("../../models/testbed/qwen");
        assumeThat(folder.resolve("config.json")).exists();
        var picture = picture(Path.of("../../samples/images/red-ring-slides.png"));
        var chat =
                List.of(
                        Turn.system("Look at the image. Answer the question with yes or no."),
                        Turn.user(List.of(picture), "Is there a red ring?"));
        var exact = logits(folder, QwenPrecision.FP32, chat);
        var coarse = logits(folder, QwenPrecision.INT4, chat);
        var error = RelativeError.of(coarse, exact);
        System.out.printf("int4: relative error of the logits %.3f (trained weights)%n", error);
        assertThat(error).isBetween(1e-3, 0.3);
        assertThat(largest(coarse)).isEqualTo(largest(exact));
    }

    private static float[] logits(Path folder, QwenPrecision precision, List<Turn> chat) {
        try (var model = QwenModel.load(folder, Device.CPU, precision)) {
            return model.engine().forcedLogits(model.encode(chat), List.of()).get(0);
        }
    }

    private static int largest(float[] values) {
        return IntStream.range(0, values.length)
                .boxed()
                .max(Comparator.comparingDouble(i -> values[i]))
                .orElseThrow();
    }

    private static RgbImage picture(Path file) throws IOException {
        var image = ImageIO.read(file.toFile());
        var width = image.getWidth();
        var height = image.getHeight();
        var rgb = new byte[width * height * 3];
        for (var i = 0; i < width * height; i++) {
            var pixel = image.getRGB(i % width, i / width);
            for (var c = 0; c < 3; c++) {
                rgb[3 * i + c] = (byte) (pixel >> 16 - 8 * c);
            }
        }
        return new RgbImage(width, height, rgb);
    }

    @Test
    void shouldNeedLessMemoryInFourBits() {
        try (var four = Fixtures.model(QwenPrecision.INT4);
                var sixteen = Fixtures.model(QwenPrecision.BF16)) {
            assertThat(four.weightBytes()).isLessThan(sixteen.weightBytes());
        }
    }

    @Test
    void shouldChooseByDeviceWhereNothingIsSaid() {
        assertThat(QwenPrecision.parse("auto", Device.CPU)).isEqualTo(QwenPrecision.FP32);
        assertThat(QwenPrecision.parse("auto", new Device(0))).isEqualTo(QwenPrecision.BF16);
        assertThat(QwenPrecision.parse("int4", Device.CPU)).isEqualTo(QwenPrecision.INT4);
        assertThatThrownBy(() -> QwenPrecision.parse("int8", Device.CPU))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("auto, fp32, bf16 or int4");
    }
}
