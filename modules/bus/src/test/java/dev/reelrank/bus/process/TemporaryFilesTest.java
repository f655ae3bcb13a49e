package dev.reelrank.bus.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TemporaryFilesTest {
    @TempDir Path folder;

    @Test
    void shouldTakeAnUsualFolder() {
        assertThatCode(() -> TemporaryFiles.check(folder)).doesNotThrowAnyException();
    }

    @Test
    void shouldSayThatTheFolderForTemporaryFilesIsNotThere() throws IOException {
        assertThatThrownBy(() -> TemporaryFiles.check(folder.resolve("gone")))
                .hasMessageContaining(folder.resolve("gone") + ", does not exist")
                .hasMessageContaining("-Djava.io.tmpdir");
        Path file = Files.createFile(folder.resolve("file"));
        assertThatThrownBy(() -> TemporaryFiles.check(file)).hasMessageContaining("does not exist");
    }

    @Test
    void shouldFindTheNearestMountAndOfTwoTheLast() throws IOException {
        Path inner = Files.createDirectories(folder.resolve("a b/inner")).toRealPath();
        Path outer = Objects.requireNonNull(inner.getParent());
        var lines =
                List.of(
                        "1 0 8:1 / / rw,relatime - ext4 /dev/sda rw",
                        "2 1 0:30 / %s rw,noexec - tmpfs t rw"
                                .formatted(outer.toString().replace(" ", "\\040")),
                        "3 1 0:31 / %s/inn rw - tmpfs t rw"
                                .formatted(outer.toString().replace(" ", "\\040")));
        assertThat(TemporaryFiles.mount(lines, inner))
                .isEqualTo(new TemporaryFiles.Mount(outer, java.util.Set.of("rw", "noexec")));
        var covered = new java.util.ArrayList<>(lines);
        covered.add(
                "4 1 0:32 / %s rw - tmpfs t rw".formatted(outer.toString().replace(" ", "\\040")));
        assertThat(Objects.requireNonNull(TemporaryFiles.mount(covered, inner)).options())
                .containsExactly("rw");
    }
}
