package dev.reelrank.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.video.Images;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

final class BundledSamplesTest {
    private static final Path FOLDER = Path.of("../../samples");

    @Test
    void shouldBeTheFilesOfTheDatasetFolders() throws IOException {
        assertThat(BundledSamples.spoilt()).hasSize(5);
        shouldLieIn(FOLDER, BundledSamples.all());
        shouldLieIn(FOLDER.resolve("spoilt"), BundledSamples.spoilt());
    }

    private static void shouldLieIn(Path folder, List<BundledSamples.Sample> samples)
            throws IOException {
        for (BundledSamples.Sample sample : samples) {
            assertThat(Images.read(folder.resolve("images/" + sample.id() + ".png")))
                    .usingRecursiveComparison()
                    .isEqualTo(Renderer.still(sample.scene()));
            assertThat(Files.readString(folder.resolve("prompts/" + sample.id() + ".txt")).strip())
                    .isEqualTo(sample.prompt());
        }
    }

    @Test
    void shouldShowEverySubjectGroup() {
        assertThat(BundledSamples.all().stream().map(s -> s.scene().first().kind().group()))
                .containsExactlyInAnyOrder(Group.values());
    }
}
