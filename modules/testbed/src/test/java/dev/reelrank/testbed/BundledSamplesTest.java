package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class BundledSamplesTest {
    private static final Path FOLDER = Path.of("../../samples");

    @Test
    void shouldBeTheFilesOfTheDatasetFolder() throws IOException {
        for (BundledSamples.Sample sample : BundledSamples.all()) {
            assertThat(Images.read(FOLDER.resolve("images/" + sample.id() + ".png")))
                    .usingRecursiveComparison()
                    .isEqualTo(Renderer.still(sample.scene()));
            assertThat(Files.readString(FOLDER.resolve("prompts/" + sample.id() + ".txt")).strip())
                    .isEqualTo(sample.prompt());
        }
    }

    @Test
    void shouldShowEverySubjectGroup() {
        assertThat(BundledSamples.all().stream().map(s -> s.scene().first().kind().group()))
                .containsExactlyInAnyOrder(Group.values());
    }
}
