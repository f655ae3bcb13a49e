package dev.reelrank.hub.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.reelrank.hub.content.ContentHash;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DiskFailureTest {
    @Test
    void shouldTellAFullDiskByItsCode() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full), "a device that is always full");
        var failure =
                catchThrowableOfType(
                        IOException.class,
                        () -> {
                            try (var out = new FileOutputStream(full.toFile())) {
                                out.write(new byte[1000]);
                            }
                        });

        assertThat(DiskFailure.of(Path.of("/models/wan/x.part"), failure))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.OUT_OF_DISK))
                .hasMessageContaining("/models/wan/x.part")
                .hasMessageContaining("is kept");
    }

    @Test
    void shouldNameTheFileOfAnyOtherFailure(@TempDir Path folder) throws IOException {
        Path inTheWay = Files.writeString(folder.resolve("wan"), "a file, where a folder must be");
        var file = new RepositoryFile("x", 3, ContentHash.parse("git:" + "0".repeat(40)));

        var failure =
                catchThrowableOfType(
                        UncheckedIOException.class,
                        () -> PartFile.open(file, inTheWay.resolve("x")).close());
        assertThat(failure.getCause())
                .isInstanceOfSatisfying(
                        FileSystemException.class,
                        e -> assertThat(e.getFile()).contains(inTheWay.toString()));
    }
}
