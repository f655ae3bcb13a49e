package dev.reelrank.client.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DatasetTest {
    @TempDir Path folder;

    @BeforeEach
    void writeTwoSamples() throws IOException {
        for (String id : List.of("a1", "b2")) {
            write("images/" + id + ".png", "not opened here");
            write("prompts/" + id + ".txt", "A ring turns. ");
        }
        write("subjects/b2.txt", "ring\n");
    }

    @Test
    void shouldListSamplesInOrder() {
        assertThat(new Dataset(folder).ids()).containsExactly("a1", "b2");
    }

    @Test
    void shouldReadPromptAndSubject() {
        var sample = new Dataset(folder).sample("b2");
        assertThat(sample.prompt()).isEqualTo("A ring turns.");
        assertThat(sample.subject()).isEqualTo("ring");
        assertThat(new Dataset(folder).sample("a1").subject()).isNull();
    }

    @Test
    void shouldRunASampleOnceWhenItIsNamedTwice() {
        var repeated = new ArrayList<String>();
        assertThat(new Dataset(folder).choose(List.of("b2", "a1", "b2"), null, repeated::add))
                .containsExactly("b2", "a1");
        assertThat(repeated).containsExactly("b2");
    }

    @Test
    void shouldTakeTheFirstSamplesWhenANumberIsGiven() {
        assertThat(new Dataset(folder).choose(List.of(), 1, id -> {})).containsExactly("a1");
    }

    @Test
    void shouldTakeImagesWhoseEndingsAreInCapitals() throws IOException {
        write("images/IMG_1.PNG", "x");
        write("prompts/IMG_1.TXT", "A ring turns.");
        write("images/IMG_2.JPeG", "x");
        write("prompts/IMG_2.txt", "A ring turns.");

        var dataset = new Dataset(folder);

        assertThat(dataset.ids()).containsExactly("IMG_1", "IMG_2", "a1", "b2");
        assertThat(dataset.sample("IMG_1").image()).hasFileName("IMG_1.PNG");
        assertThat(dataset.sample("IMG_1").prompt()).isEqualTo("A ring turns.");
        assertThat(dataset.sample("IMG_2").image()).hasFileName("IMG_2.JPeG");
    }

    @Test
    void shouldLeaveHiddenFilesAlone() throws IOException {
        write("images/._a1.png", "what macOS leaves on foreign disks");
        write("prompts/._a1.txt", "x");
        write("images/.DS_Store", "x");
        write("prompts/.hidden.txt", "x");
        write("images/noending", "x");

        assertThat(new Dataset(folder).ids()).containsExactly("a1", "b2");
    }

    @Test
    void shouldNameTheMissingFile() throws IOException {
        write("images/c3.png", "x");
        failsWith("c3", FailureCode.INVALID_SAMPLE, "prompts/c3.txt");
        write("prompts/d4.txt", "x");
        failsWith("d4", FailureCode.INVALID_SAMPLE, "images/d4.png");
    }

    @Test
    void shouldRefuseAnEmptyPrompt() throws IOException {
        write("prompts/a1.txt", " \n");
        failsWith("a1", FailureCode.EMPTY_PROMPT, "prompts/a1.txt");
    }

    @Test
    void shouldRefuseTextThatIsNotUtf8() throws IOException {
        Files.write(folder.resolve("prompts/a1.txt"), new byte[] {'a', (byte) 0xff, 'b'});
        failsWith("a1", FailureCode.INVALID_SAMPLE, "UTF-8");
    }

    @Test
    void shouldRefuseAnIdThatLeavesTheFolder() {
        failsWith("../a1", FailureCode.INVALID_SAMPLE_ID, "../a1");
    }

    @Test
    void shouldSayWhatADatasetIsWhenTheFolderIsNone() {
        assertThatThrownBy(() -> new Dataset(folder.resolve("images")))
                .hasMessageContaining("images/<sample_id>");
    }

    private void failsWith(String id, FailureCode code, String message) {
        assertThatThrownBy(() -> new Dataset(folder).sample(id))
                .isInstanceOfSatisfying(
                        StageException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }

    private void write(String name, String text) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }
}
