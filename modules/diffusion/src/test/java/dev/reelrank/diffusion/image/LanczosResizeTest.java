package dev.reelrank.diffusion.image;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.RgbImage;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;

/** Bytes are Pillow's; make_resized.py wrote their hashes. */
final class LanczosResizeTest {
    @Test
    void shouldMakePillowsBytesInEverySize() throws Exception {
        List<List<Object>> cases;
        try (var in = getClass().getResourceAsStream("resized.json")) {
            cases = new ObjectMapper().readValue(in, new TypeReference<>() {});
        }
        assertThat(cases).hasSizeGreaterThan(1000);
        var softly = new SoftAssertions();
        for (var one : cases) {
            int[] sides = one.stream().limit(4).mapToInt(side -> (int) side).toArray();
            RgbImage resized =
                    LanczosResize.resize(picture(sides[0], sides[1]), sides[2], sides[3]);
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(resized.rgb());
            softly.assertThat(HexFormat.of().formatHex(hash).substring(0, 16))
                    .as("%d x %d to %d x %d", sides[0], sides[1], sides[2], sides[3])
                    .isEqualTo(one.get(4));
        }
        softly.assertAll();
    }

    private static RgbImage picture(int width, int height) {
        var rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                int gradient =
                        (x * 255 / Math.max(width - 1, 1) + y * 255 / Math.max(height - 1, 1)) / 2;
                for (int c = 0; c < 3; c++) {
                    int noise = ((x * 7 + y * 13 + c * 29) ^ (x * y + c)) & 255;
                    rgb[(y * width + x) * 3 + c] = (byte) ((noise + 3 * gradient) / 4);
                }
            }
        }
        return new RgbImage(width, height, rgb);
    }
}
