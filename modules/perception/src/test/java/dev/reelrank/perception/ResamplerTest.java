package dev.reelrank.perception;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.perception.Resampler.Window;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Locale;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Bytes are torchvision's; make_resized.py wrote their hashes. */
final class ResamplerTest {
    @Test
    void shouldMakeTorchvisionsBytesInEverySize() throws Exception {
        var cases =
                new ObjectMapper()
                        .readTree(Path.of("src/test/resources/perception/resized.json").toFile());
        assertThat(cases).hasSizeGreaterThan(1000);
        var softly = new SoftAssertions();
        for (var one : cases) {
            var picture = picture(one.get(1).asInt(), one.get(2).asInt());
            int width = one.get(3).asInt();
            int height = one.get(4).asInt();
            float[] resized =
                    Resampler.valueOf(one.get(0).asText().toUpperCase(Locale.ROOT))
                            .resize(picture, width, height, new Window(0, 0, width, height), true);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(rows(resized));
            softly.assertThat(HexFormat.of().formatHex(hash).substring(0, 16))
                    .as(one.toString())
                    .isEqualTo(one.get(5).asText());
        }
        softly.assertAll();
    }

    private static byte[] rows(float[] planes) {
        int plane = planes.length / 3;
        var bytes = new byte[planes.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (int) planes[i % 3 * plane + i / 3];
        }
        return bytes;
    }

    private static RgbImage picture(int width, int height) {
        var rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            int x = i / 3 % width;
            int y = i / 3 / width;
            int c = i % 3;
            int gradient =
                    (x * 255 / Math.max(width - 1, 1) + y * 255 / Math.max(height - 1, 1)) / 2;
            int noise = ((x * 7 + y * 13 + c * 29) ^ (x * y + c)) & 255;
            rgb[i] = (byte) ((noise + 3 * gradient) / 4);
        }
        return new RgbImage(width, height, rgb);
    }
}
