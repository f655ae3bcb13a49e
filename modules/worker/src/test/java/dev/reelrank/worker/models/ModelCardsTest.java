package dev.reelrank.worker.models;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelCardsTest {
    @TempDir Path root;

    @BeforeEach
    void cards() throws IOException {
        card("wan", "---\nlicence: ours\nlimits: knows only circles\n---\n# Wan\n");
        card("clip", "# CLIP\nlimits: not in the front matter\n");
        card("film", "---\nlimits: knows only films\n---\n");
    }

    private void card(String model, String text) throws IOException {
        Files.writeString(Files.createDirectories(root.resolve(model)).resolve("README.md"), text);
    }

    @Test
    void shouldReadLimitsFromTheFrontMatterAlone() {
        assertThat(ModelCards.limits(ModelFolders.of(root), List.of(ModelName.values())))
                .isEqualTo(Map.of("wan", "knows only circles"));
    }

    @Test
    void shouldReadTheCardsOfFoldersUnderTheNamesTheyWereChosenBy() {
        assertThat(
                        ModelCards.limits(
                                Map.of(
                                        "mine", root.resolve("film"),
                                        "none", root.resolve("nowhere"),
                                        "file", root.resolve("film/README.md"))))
                .isEqualTo(Map.of("mine", "knows only films"));
    }
}
