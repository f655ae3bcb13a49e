package dev.reelrank.pipeline.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
final class WholeFileTest {
    @TempDir private Path folder;
    private Path file;

    @BeforeEach
    void name() {
        file = folder.resolve("report.json");
    }

    @Test
    void shouldWriteAndReplace() throws IOException {
        WholeFile.write(file, "old");
        WholeFile.write(file, new byte[] {1, 2, 3});

        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
        WholeFile.write(file, "Grüße");
        assertThat(file).hasContent("Grüße");
        assertThat(names()).containsExactly("report.json");
    }

    @Test
    void shouldLeaveTheOldFileAndNoPartWhenTheContentFails() throws IOException {
        WholeFile.write(file, "old");

        for (WholeFile.Care[] care :
                new WholeFile.Care[][] {{}, {WholeFile.Care.ONE_WRITER, WholeFile.Care.ON_DISK}}) {
            assertThatThrownBy(
                            () ->
                                    WholeFile.write(
                                            file,
                                            part -> {
                                                Files.writeString(part, "half");
                                                throw new IOException("the source ended");
                                            },
                                            care))
                    .isInstanceOf(FileSystemException.class)
                    .hasMessage(file + ": the source ended")
                    .hasRootCauseMessage("the source ended");
            assertThat(file).hasContent("old");
            assertThat(names()).containsExactly("report.json");
        }
    }

    @Test
    void shouldThrowOnWhatIsNoFailureOfADisk() throws IOException {
        WholeFile.write(file, "old");
        var known = new IllegalStateException("the third tensor is not finite");

        assertThatThrownBy(
                        () ->
                                WholeFile.write(
                                        file,
                                        part -> {
                                            Files.writeString(part, "half");
                                            throw known;
                                        }))
                .isSameAs(known);
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("report.json");
    }

    @Test
    void shouldNameASourceThatIsGoneBesideTheTarget() {
        Path source = folder.resolve("source");

        assertThatThrownBy(() -> WholeFile.write(file, part -> Files.copy(source, part)))
                .hasMessageContaining(file + ": " + source + ": NoSuchFileException")
                .hasCauseInstanceOf(NoSuchFileException.class);
        assertThat(names()).isEmpty();
    }

    @Test
    void shouldLeaveTheOldFileAndNoPartOnAFullDisk() throws IOException {
        Path full = Path.of("/dev/full");
        assumeThat(full).exists();
        WholeFile.write(file, "old");

        assertThatThrownBy(
                        () ->
                                WholeFile.write(
                                        file,
                                        part -> {
                                            Files.createSymbolicLink(part, full);
                                            Files.writeString(part, "new");
                                        }))
                .hasMessageContaining(file.toString())
                .hasMessageEndingWith(
                        "No space left on device; free some space or choose another folder");
        assertThat(file).hasContent("old");
        assertThat(names()).containsExactly("report.json");
        assertThat(full).exists();
    }

    @Test
    void shouldShowTheOldFileOrTheNewOneWhileSeveralWrite() throws Exception {
        int writers = 3;
        int size = 100_000;
        WholeFile.write(file, text('a', size));
        var done = new AtomicBoolean();
        var start = new CountDownLatch(1);
        var pool = Executors.newFixedThreadPool(writers + 1);
        try {
            Future<Integer> reader =
                    pool.submit(
                            () -> {
                                int reads = 0;
                                start.await();
                                while (!done.get()) {
                                    // Throws if for a moment there is no file.
                                    String seen = Files.readString(file, StandardCharsets.US_ASCII);
                                    assertThat(seen).hasSize(size);
                                    assertThat(seen.chars().distinct().count()).isOne();
                                    reads++;
                                }
                                return reads;
                            });
            List<Future<?>> written = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                String mine = text((char) ('b' + i), size);
                written.add(
                        pool.submit(
                                () -> {
                                    start.await();
                                    for (int k = 0; k < 40; k++) {
                                        WholeFile.write(file, mine);
                                    }
                                    return null;
                                }));
            }
            start.countDown();
            finish(written, done);
            assertThat(reader.get()).isPositive();
        } finally {
            done.set(true);
            pool.shutdownNow();
            pool.awaitTermination(10, TimeUnit.SECONDS);
        }
        assertThat(names()).containsExactly("report.json");
    }

    private static void finish(List<Future<?>> written, AtomicBoolean done)
            throws ExecutionException, InterruptedException {
        try {
            for (Future<?> one : written) {
                one.get();
            }
        } finally {
            done.set(true);
        }
    }

    private static String text(char letter, int size) {
        return String.valueOf(letter).repeat(size);
    }

    @Test
    void shouldMakeMissingFolders() throws IOException {
        Path deep = folder.resolve("a/b/report.json");

        WholeFile.write(deep, "new");

        assertThat(deep).hasContent("new");
    }

    @Test
    void shouldTakeALinkToAFolderAsAFolder() throws IOException {
        Path real = Files.createDirectory(folder.resolve("real"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), real);

        WholeFile.write(link.resolve("report.json"), "new");

        assertThat(real.resolve("report.json")).hasContent("new");
    }

    @Test
    void shouldWriteARelativeTarget() throws IOException {
        Path relative = Path.of("").toAbsolutePath().relativize(file);

        WholeFile.write(relative, "new");

        assertThat(file).hasContent("new");
    }

    @Test
    void shouldLeaveAFolderThatIsInTheWay() throws IOException {
        Files.createDirectory(file);

        assertThatThrownBy(() -> WholeFile.write(file, "new"))
                .isInstanceOf(FileSystemException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining("a folder is in the way: remove it or choose another name");
        assertThat(file).isEmptyDirectory();
        assertThat(names()).containsExactly("report.json");
    }

    @Test
    void shouldRefuseAFileInThePlaceOfAFolder() throws IOException {
        Files.writeString(file, "a file");

        for (String name : List.of("x.json", "deep/x.json")) {
            assertThatThrownBy(() -> WholeFile.write(file.resolve(name), "new"))
                    .hasMessageContaining(file.resolve(name).toString())
                    .hasMessageContaining("; a file is in the way of the folder");
        }
        assertThat(file).hasContent("a file");
    }

    @Test
    void shouldRefuseContentThatWritesNothing() {
        assertThatThrownBy(() -> WholeFile.write(file, part -> {}))
                .hasMessageContaining(file.toString());
        assertThat(names()).isEmpty();
    }

    @Test
    void shouldWriteTheLongestName() throws IOException {
        Path longest = folder.resolve("x".repeat(250) + ".json");

        WholeFile.write(longest, "new");

        assertThat(longest).hasContent("new");
    }

    @Test
    void shouldGiveThePermissionsOfAnyNewFile() throws IOException {
        WholeFile.write(file, "new");

        assertThat(Files.getPosixFilePermissions(file))
                .isEqualTo(
                        Files.getPosixFilePermissions(
                                Files.writeString(folder.resolve("other"), "x")));
    }

    @Test
    void shouldOverwriteWhatAKilledOneWriterLeft() throws IOException {
        Files.writeString(folder.resolve("report.json.part"), "the half of a killed process");

        // Files.copy refuses a part that exists.
        Path source = Files.writeString(folder.resolve("source"), "new");
        WholeFile.write(file, part -> Files.copy(source, part), WholeFile.Care.ONE_WRITER);

        assertThat(file).hasContent("new");
        assertThat(names()).containsExactly("report.json", "source");
    }

    @Test
    void shouldSayWhatHappenedWhereTheSystemGivesNoMessage() {
        assertThatThrownBy(
                        () ->
                                WholeFile.write(
                                        file,
                                        part -> {
                                            Thread.currentThread().interrupt();
                                            try (var channel =
                                                    FileChannel.open(
                                                            part,
                                                            StandardOpenOption.CREATE_NEW,
                                                            StandardOpenOption.WRITE)) {
                                                channel.write(ByteBuffer.allocate(4));
                                            } finally {
                                                assertThat(Thread.interrupted()).isTrue();
                                            }
                                        }))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("ClosedByInterrupt");
        assertThat(file).doesNotExist();
    }

    @Test
    void shouldMoveAPartOfTheCallers() throws IOException {
        WholeFile.write(file, "old");
        Path part = WholeFile.beside(file);
        assertThat(part.getParent()).isEqualTo(folder);
        assertThat(part).isNotEqualTo(WholeFile.beside(file));
        Files.writeString(part, "new");

        WholeFile.move(part, file);

        assertThat(file).hasContent("new");
        assertThat(names()).containsExactly("report.json");
    }

    private List<String> names() {
        return List.of(folder.toFile().list()).stream().sorted().toList();
    }
}
