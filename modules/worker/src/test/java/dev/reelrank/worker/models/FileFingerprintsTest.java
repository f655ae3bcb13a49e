package dev.reelrank.worker.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FileFingerprintsTest {
    private static final long MIB = FileFingerprints.MIB;

    @TempDir Path folder;

    private FileFingerprints fingerprints() {
        return new FileFingerprints(folder.resolve("cache"));
    }

    @Test
    void shouldHashSmallFilesWhole() throws IOException {
        var file = Files.writeString(folder.resolve("config.json"), "{}");
        assertThat(fingerprints().of(file)).isEqualTo("2:" + Sha256.of("{}"));
    }

    @Test
    void shouldNotDependOnWhereTheModelLies() throws IOException {
        for (var place : new String[] {"a", "b"}) {
            Files.createDirectories(folder.resolve(place).resolve("sub"));
            Files.writeString(folder.resolve(place).resolve("sub/weights.bin"), "w");
        }
        assertThat(fingerprints().of(Map.of("wan", folder.resolve("a"))))
                .isEqualTo(fingerprints().of(Map.of("wan", folder.resolve("b"))));
    }

    @Test
    void shouldReadTheFirstLastAndEvery64thMebibyteOfALargeFile() throws IOException {
        var file = folder.resolve("large.bin");
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(130 * MIB + 7);
        }
        var before = fingerprints().of(file);
        for (long seen : new long[] {0, 64 * MIB + 5, 128 * MIB, 130 * MIB + 6}) {
            assertThat(after(file, seen)).as("byte %d", seen).isNotEqualTo(before);
        }
        assertThat(after(file, 30 * MIB)).isEqualTo(before);
    }

    /** The fingerprint with one byte changed, which is put back. */
    private String after(Path file, long at) throws IOException {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(at);
            out.write(1);
        }
        var changed = new FileFingerprints(folder.resolve("cache" + at)).of(file);
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(at);
            out.write(0);
        }
        return changed;
    }

    @Test
    void shouldTakeTheBlobsNameInAHubCache() throws IOException {
        var blobs = Files.createDirectories(folder.resolve("models--a--b/blobs"));
        var name = Sha256.of("the content, which is not read");
        Files.writeString(blobs.resolve(name), "1234");
        var link =
                Files.createSymbolicLink(
                        Files.createDirectories(folder.resolve("models--a--b/snapshots/1"))
                                .resolve("model.safetensors"),
                        blobs.resolve(name));
        assertThat(fingerprints().of(link)).isEqualTo("4:" + name);
    }

    @Test
    void shouldRememberByPathSizeAndTime() throws IOException {
        var file = Files.writeString(folder.resolve("w.bin"), "one");
        var time = FileTime.fromMillis(1_000_000);
        Files.setLastModifiedTime(file, time);
        var first = fingerprints().of(file);
        Files.writeString(file, "two");
        Files.setLastModifiedTime(file, time);
        assertThat(fingerprints().of(file)).as("not read again").isEqualTo(first);
        Files.setLastModifiedTime(file, FileTime.fromMillis(2_000_000));
        assertThat(fingerprints().of(file)).isEqualTo("3:" + Sha256.of("two"));
    }

    @Test
    void shouldHashTheTensorHeaderToo() throws IOException {
        var header = "{\"a\":{}}".getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + header.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putLong(header.length).put(header);
        var file = Files.write(folder.resolve("m.safetensors"), bytes.array());
        assertThat(fingerprints().of(file)).endsWith(":" + Sha256.of(header));
    }

    @Test
    void shouldRefuseATruncatedTensorFile() throws IOException {
        var file =
                Files.write(folder.resolve("m.safetensors"), new byte[] {120, 0, 0, 0, 0, 0, 0, 0});
        assertThatThrownBy(() -> fingerprints().of(file))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISMATCH))
                .hasMessageContaining("was the download interrupted");
    }

    @Test
    void shouldNameTheMissingFile() {
        assertThatThrownBy(() -> fingerprints().of(Map.of("x", folder.resolve("gone.bin"))))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                .hasMessageContaining("gone.bin");
    }
}
