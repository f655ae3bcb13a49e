package dev.reelrank.alignment.curve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EventFileTest {
    @TempDir Path folder;

    @Test
    void shouldWriteTheBytesThatTensorBoardReads() {
        assertThat(HexFormat.of().formatHex(EventRecord.version(1)))
                .isEqualTo(
                        "1800000000000000a37f4b2209000000000000f03f1a0d627261696e2e4576656e743a3286bf577a");
        assertThat(HexFormat.of().formatHex(EventRecord.scalars(2, 7, Map.of("loss", 0.5))))
                .isEqualTo(
                        "1a00000000000000129bd82d09000000000000004010072a0d0a0b0a046c6f7373150000003fc33fc24a");
    }

    @Test
    void shouldAppendStepsAndBeginAFileOfItsOwnWhenATrainingGoesOn() throws IOException {
        var clock = Clock.fixed(Instant.ofEpochSecond(1_700_000_000), ZoneOffset.UTC);
        Path first;
        try (var events = EventFile.create(folder.resolve("run"), "host.one", clock)) {
            first = events.file();
            var values = new LinkedHashMap<String, Double>();
            values.put("train/loss", 0.7);
            values.put("train/accuracy", 1.0);
            events.scalars(300, values);
            // Readable while it is still being written.
            assertThat(Files.size(first)).isGreaterThan(80);
        }
        assertThat(first.getFileName()).hasToString("events.out.tfevents.1700000000.host-one");
        try (var events = EventFile.create(folder.resolve("run"), "host.one", clock)) {
            assertThat(events.file()).isNotEqualTo(first);
        }
    }

    @Test
    void shouldDrawSmoothedCurves() throws IOException {
        var curve = new Curves.Curve(new double[] {1, 2, 3, 4}, new double[] {1, 3, 5, 7});
        assertThat(curve.smoothed(2).values()).containsExactly(1, 2, 4, 6);
        assertThat(curve.smoothed(1).values()).containsExactly(1, 3, 5, 7);
        Path png = folder.resolve("loss.png");
        Curves.draw(png, "loss", "loss", Map.of("loss", curve));
        var image = ImageIO.read(png.toFile());
        assertThat(image.getWidth()).isEqualTo(900);
        var colours = new java.util.HashSet<Integer>();
        for (int x = 0; x < image.getWidth(); x++) {
            for (int y = 0; y < image.getHeight(); y++) {
                colours.add(image.getRGB(x, y));
            }
        }
        assertThat(colours).hasSizeGreaterThan(20);
        Curves.draw(
                folder.resolve("one.png"),
                "one",
                "loss",
                Map.of("loss", new Curves.Curve(new double[] {1}, new double[] {1})));
        assertThat(folder.resolve("one.png")).isNotEmptyFile();
    }
}
