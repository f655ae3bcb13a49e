package dev.reelrank.video;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GifWriterTest {
    @TempDir Path folder;

    private static RgbImage plain(int red, int green, int blue) {
        var rgb = new byte[12 * 8 * 3];
        for (int p = 0; p < rgb.length; p += 3) {
            rgb[p] = (byte) red;
            rgb[p + 1] = (byte) green;
            rgb[p + 2] = (byte) blue;
        }
        return new RgbImage(12, 8, rgb);
    }

    @Test
    void shouldWriteFramesThatRepeatForEver() throws IOException {
        Path file = folder.resolve("clip.gif");
        GifWriter.write(file, List.of(plain(200, 0, 0), plain(0, 200, 0)), 8);
        var shown = new ArrayList<Integer>();
        try (var in = ImageIO.createImageInputStream(file.toFile())) {
            var reader = ImageIO.getImageReadersByFormatName("gif").next();
            reader.setInput(in);
            for (int i = 0; i < reader.getNumImages(true); i++) {
                shown.add(reader.read(i).getRGB(5, 5) & 0xffffff);
            }
            reader.dispose();
        }
        assertThat(shown).containsExactly(0xc80000, 0x00c800);
        String bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        assertThat(bytes).contains("NETSCAPE2.0\u0003\u0001\u0000\u0000");
        // 1/8 s is 12 or 13 hundredths.
        int control = bytes.indexOf("!\u00f9\u0004");
        assertThat((int) bytes.charAt(control + 4)).isBetween(12, 13);
        assertThat(Arrays.stream(folder.toFile().list())).containsExactly("clip.gif");
    }

    @Test
    void shouldSayWhereNothingCanBeWritten() throws IOException {
        Path noFolder = Files.writeString(folder.resolve("none"), "a file");

        assertThatThrownBy(
                        () ->
                                GifWriter.write(
                                        noFolder.resolve("clip.gif"), List.of(plain(1, 1, 1)), 8))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("clip.gif");
    }
}
