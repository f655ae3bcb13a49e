package dev.reelrank.hub.local;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.hub.content.PartialContent;
import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * A file while it arrives: {@code NAME.part}, and beside it {@code NAME.part.json} with what it
 * will be. A later process goes on with it, so what a failure leaves is kept, unlike the part of a
 * {@link WholeFile}. Only a file with the right hash gets its name.
 *
 * <p>Used by one thread, and by one process: who opens it holds the model's lock.
 */
public final class PartFile implements PartialContent, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final RepositoryFile file;
    private final Path target;
    private final Path part;
    private final Path note;
    private FileOutputStream out;
    private MessageDigest digest;
    private long size;
    private Optional<String> etag;

    private PartFile(RepositoryFile file, Path target) throws IOException {
        this.file = file;
        this.target = target;
        this.part = beside(target);
        this.note = target.resolveSibling(target.getFileName() + ".part.json");
        Files.createDirectories(part.toAbsolutePath().getParent());
        this.digest = file.hash().digest(file.size());
        this.etag = Optional.empty();
        boolean goesOn = readNote();
        if (!goesOn) {
            Files.deleteIfExists(part);
            writeNote();
        }
        this.out = new FileOutputStream(part.toFile(), true);
        if (goesOn) {
            hashWhatIsThere();
        }
    }

    /**
     * Goes on with the partial file if it is of the same content, else begins a new one.
     *
     * @param target where the whole file will lie
     */
    public static PartFile open(RepositoryFile file, Path target) {
        try {
            return new PartFile(file, target);
        } catch (IOException e) {
            throw DiskFailure.of(target, e);
        }
    }

    /** Bytes of the file that an earlier process left; 0 if it is of other content. */
    public static long arrived(RepositoryFile file, Path target) {
        Path part = beside(target);
        Path note = target.resolveSibling(target.getFileName() + ".part.json");
        try {
            return Files.isRegularFile(part)
                            && noted(note).path("hash").asText().equals(file.hash().text())
                    ? Math.min(Files.size(part), file.size())
                    : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    private static Path beside(Path target) {
        return target.resolveSibling(target.getFileName() + ".part");
    }

    private static JsonNode noted(Path note) throws IOException {
        return Files.isRegularFile(note) ? JSON.readTree(note.toFile()) : JSON.createObjectNode();
    }

    private boolean readNote() {
        try {
            JsonNode noted = noted(note);
            if (!Files.isRegularFile(part)
                    || Files.size(part) > file.size()
                    || !noted.path("hash").asText().equals(file.hash().text())
                    || noted.path("size").asLong() != file.size()) {
                return false;
            }
            etag = Optional.of(noted.path("etag").asText()).filter(tag -> !tag.isEmpty());
            return true;
        } catch (IOException e) {
            // A note that cannot be read says nothing about the part.
            return false;
        }
    }

    private void writeNote() throws IOException {
        var node = JSON.createObjectNode();
        node.put("path", file.path());
        node.put("size", file.size());
        node.put("hash", file.hash().text());
        etag.ifPresent(tag -> node.put("etag", tag));
        WholeFile.write(note, node.toPrettyString(), WholeFile.Care.ONE_WRITER);
    }

    private void hashWhatIsThere() throws IOException {
        var buffer = new byte[1 << 18];
        try (var in = Files.newInputStream(part)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                size += n;
            }
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public Optional<String> etag() {
        return etag;
    }

    @Override
    public void continueAs(Optional<String> other) {
        if (other.equals(etag)) {
            return;
        }
        etag = other;
        try {
            writeNote();
        } catch (IOException e) {
            throw DiskFailure.of(note, e);
        }
    }

    @Override
    public void restart() {
        try {
            out.close();
            out = new FileOutputStream(part.toFile(), false);
            digest = file.hash().digest(file.size());
            size = 0;
        } catch (IOException e) {
            throw DiskFailure.of(part, e);
        }
    }

    @Override
    public void append(byte[] bytes, int count) {
        try {
            out.write(bytes, 0, count);
        } catch (IOException e) {
            throw DiskFailure.of(part, e);
        }
        digest.update(bytes, 0, count);
        size += count;
    }

    @Override
    public boolean isWhole() {
        try {
            return size == file.size() && file.hash().is((MessageDigest) digest.clone());
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("every JDK's digests can be cloned", e);
        }
    }

    /** Gives the whole file its name, once its bytes are on the disk. */
    public void finish() {
        if (!isWhole()) {
            throw new IllegalStateException(part + " is not whole");
        }
        try {
            out.getFD().sync();
            out.close();
            WholeFile.move(part, target);
            Files.deleteIfExists(note);
        } catch (IOException e) {
            throw DiskFailure.of(target, e);
        }
    }

    /** Keeps what has arrived. */
    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw DiskFailure.of(part, e);
        }
    }
}
