package dev.reelrank.client.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.client.dataset.Dataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StudyInputsTest {
    @TempDir private Path folder;

    private Path prompt;
    private Path image;
    private Path weights;

    @BeforeEach
    void write() throws IOException {
        prompt = folder.resolve("data/prompts/a.txt");
        image = folder.resolve("data/images/a.png");
        weights = folder.resolve("models/wan/model.safetensors");
        for (Path file : List.of(prompt, image, weights)) {
            Files.createDirectories(file.getParent());
            Files.writeString(file, "A ring turns.");
        }
    }

    private String inputs() {
        return StudyInputs.of(
                new Dataset(folder.resolve("data")),
                List.of("a"),
                List.of(folder.resolve("models"), folder.resolve("none")));
    }

    @Test
    void shouldBeTheSameForTheSameInputs() {
        assertThat(inputs()).isEqualTo(inputs()).matches("[0-9a-f]{64}");
    }

    @Test
    void shouldChangeWithAPromptAPictureOrAModel() throws IOException {
        String before = inputs();
        Files.writeString(prompt, "A ring falls.");
        String prompted = inputs();
        Files.writeString(image, "another picture");
        String pictured = inputs();
        Files.setLastModifiedTime(weights, FileTime.fromMillis(1_000));
        assertThat(List.of(before, prompted, pictured, inputs())).doesNotHaveDuplicates();
    }

    @Test
    void shouldLeaveASampleThatCannotBeReadToTheSubmission() throws IOException {
        String before = inputs();
        Files.delete(image);
        assertThat(inputs()).isNotEqualTo(before);
    }
}
