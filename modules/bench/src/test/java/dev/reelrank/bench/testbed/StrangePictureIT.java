package dev.reelrank.bench.testbed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class StrangePictureIT {
    private static final Path MODELS = Path.of("../../models/testbed");

    @Test
    void shouldMakeAClipOfAPictureAndWordsFromOutsideTheWorld() {
        assumeTrue(Files.isDirectory(MODELS.resolve("wan")), "no models/testbed/wan here");
        byte[] noise = new byte[300 * 200 * 3];
        new Random(7).nextBytes(noise);
        try (Generator generator = Generator.load(MODELS, Device.CPU, 2, false)) {
            List<List<RgbImage>> clips =
                    generator.generate(
                            "Ein Hund läuft über den Strand, 走る犬, very cinematic!",
                            new RgbImage(300, 200, noise),
                            List.of(1L));
            assertThat(clips.get(0)).hasSize(generator.frames());
        }
    }
}
