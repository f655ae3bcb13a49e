package dev.reelrank.worker.store;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A store in a folder that all processes (and hosts, by a network file system) see.
 *
 * <pre>
 * store.properties       marks the folder: without it the store counts as unreachable
 * blobs/&lt;sha256&gt;         complete by construction: written under tmp/, then moved
 * results/&lt;inputKey&gt;     create-if-absent: a hard link to a complete file
 * aside/                 results that did not decode or match
 * drafts/&lt;inputKey&gt;/     states of work that is not finished
 * tmp/                   what is being written
 * </pre>
 */
public final class LocalStore implements ResultStore {
    static final String URI_PREFIX = "store:blobs/";

    /** A file that takes longer to read than this lies on a disk that is away. */
    private static final Duration READ = Duration.ofMinutes(10);

    /** Younger than this, a file's age is left alone: it would be written at each look. */
    private static final Duration YOUNG = Duration.ofHours(1);

    private final Path root;
    private final InputRoots inputs;
    private final StoreMarker marker;

    private LocalStore(Path root, InputRoots inputs) {
        this.root = root;
        this.inputs = inputs;
        this.marker = new StoreMarker(root);
    }

    /** Opens the store, making it if it is not there. */
    public static LocalStore open(Path root) {
        return open(root, InputRoots.NONE);
    }

    static LocalStore open(Path root, InputRoots inputs) {
        var store = new LocalStore(root, inputs);
        store.attemptTo(
                "open",
                () -> {
                    store.marker.makeIfAbsent();
                    for (var folder : new String[] {"blobs", "results", "aside", "drafts", "tmp"}) {
                        Files.createDirectories(root.resolve(folder));
                    }
                });
        return store;
    }

    /** Opens the store if it is there. */
    static LocalStore existing(Path root, InputRoots inputs) {
        var store = new LocalStore(root, inputs);
        store.attemptTo(
                "open",
                () -> {
                    store.marker.requirePresent();
                });
        return store;
    }

    @Override
    public BlobRef putBlob(Path file, String mediaType) {
        try (var in = Files.newInputStream(file)) {
            return putBlob(in, mediaType);
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INTERNAL_ERROR, "cannot read " + file + " to store it: " + e, e);
        }
    }

    @Override
    public BlobRef putBlob(byte[] bytes, String mediaType) {
        return putBlob(new ByteArrayInputStream(bytes), mediaType);
    }

    private BlobRef putBlob(InputStream in, String mediaType) {
        return attempt(
                "put a blob",
                () -> {
                    marker.requireRoom();
                    var temporary = temporary();
                    try {
                        var digest = Sha256.digest();
                        long size = copy(in, temporary, digest);
                        var sha256 = HexFormat.of().formatHex(digest.digest());
                        var ref = new BlobRef(URI_PREFIX + sha256, sha256, size, mediaType);
                        // A damaged blob of that name is replaced; readers see the old or the new.
                        renew(blob(sha256));
                        if (!intact(blob(sha256), ref)) {
                            Files.move(
                                    temporary,
                                    blob(sha256),
                                    StandardCopyOption.ATOMIC_MOVE,
                                    StandardCopyOption.REPLACE_EXISTING);
                        }
                        return ref;
                    } finally {
                        Files.deleteIfExists(temporary);
                    }
                });
    }

    @Override
    public Path fetch(BlobRef ref, Path scratch) {
        return attempt(
                "fetch " + ref.uri(),
                () -> {
                    var file = locate(ref);
                    if (!intact(file, ref)) {
                        marker.requirePresent();
                        throw new StageException(
                                FailureCode.INPUT_LOST,
                                Files.exists(file)
                                        ? file
                                                + " was altered after it was stored"
                                                + " (SHA-256 "
                                                + ref.sha256()
                                                + " expected)"
                                        : file + " is gone");
                    }
                    return file;
                });
    }

    @Override
    public boolean holds(BlobRef ref) {
        return attempt(
                "look for " + ref.uri(),
                () -> {
                    var file = locate(ref);
                    if (file.startsWith(root)) {
                        renew(file);
                    }
                    if (intact(file, ref)) {
                        return true;
                    }
                    marker.requirePresent();
                    return false;
                });
    }

    @Override
    public Optional<byte[]> result(String inputKey) {
        return attempt(
                "read result " + inputKey,
                () -> {
                    try {
                        renew(resultFile(inputKey));
                        return Optional.of(Files.readAllBytes(resultFile(inputKey)));
                    } catch (NoSuchFileException e) {
                        marker.requirePresent();
                        return Optional.empty();
                    }
                });
    }

    @Override
    public byte[] putResultIfAbsent(String inputKey, byte[] event) {
        return attempt(
                "store result " + inputKey,
                () -> {
                    marker.requireRoom();
                    var temporary = temporary();
                    try {
                        try (var out =
                                FileChannel.open(
                                        temporary,
                                        StandardOpenOption.CREATE_NEW,
                                        StandardOpenOption.WRITE)) {
                            write(out, ByteBuffer.wrap(event));
                            out.force(true);
                        }
                        createOnce(temporary, resultFile(inputKey));
                        return event;
                    } catch (FileAlreadyExistsException e) {
                        return Files.readAllBytes(resultFile(inputKey));
                    } finally {
                        Files.deleteIfExists(temporary);
                    }
                });
    }

    /** A hard link is created or not, with all the bytes; where there are none, under a lock. */
    private void createOnce(Path temporary, Path target) throws IOException {
        try {
            Files.createLink(target, temporary);
        } catch (UnsupportedOperationException e) {
            try (var lock =
                            FileChannel.open(
                                    root.resolve("tmp").resolve("create.lock"),
                                    StandardOpenOption.CREATE,
                                    StandardOpenOption.WRITE);
                    var held = lock.lock()) {
                if (Files.exists(target)) {
                    throw new FileAlreadyExistsException(target.toString());
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            }
        }
    }

    @Override
    public void setAside(String inputKey) {
        attemptTo(
                "set aside result " + inputKey,
                () -> {
                    var name = inputKey + "." + Instant.now().toEpochMilli();
                    try {
                        Files.move(
                                resultFile(inputKey),
                                root.resolve("aside").resolve(name),
                                StandardCopyOption.ATOMIC_MOVE);
                    } catch (NoSuchFileException e) {
                        // Another worker met the same damage a moment earlier.
                        marker.requirePresent();
                    }
                });
    }

    @Override
    public void check() {
        attemptTo("look for the store", marker::requirePresent);
    }

    private static long copy(InputStream in, Path target, MessageDigest digest) throws IOException {
        long size = 0;
        try (var out =
                FileChannel.open(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            var buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
                write(out, ByteBuffer.wrap(buffer, 0, n));
                size += n;
            }
            out.force(true);
        }
        return size;
    }

    @Override
    public void putDraft(String inputKey, String name, Path file) {
        attemptTo(
                "keep the draft " + name,
                () -> {
                    marker.requireRoom();
                    var folder = draftsOf(inputKey);
                    Files.createDirectories(folder);
                    var temporary = temporary();
                    try (var in = Files.newInputStream(file)) {
                        copy(in, temporary, Sha256.digest());
                        Files.move(
                                temporary,
                                folder.resolve(name),
                                StandardCopyOption.ATOMIC_MOVE,
                                StandardCopyOption.REPLACE_EXISTING);
                    } finally {
                        Files.deleteIfExists(temporary);
                    }
                });
    }

    @Override
    public List<String> drafts(String inputKey) {
        return attempt(
                "list drafts",
                () -> {
                    var folder = draftsOf(inputKey);
                    if (!Files.isDirectory(folder)) {
                        marker.requirePresent();
                        return List.of();
                    }
                    try (var files = Files.list(folder)) {
                        return files.map(f -> f.getFileName().toString()).sorted().toList();
                    }
                });
    }

    @Override
    public Optional<Path> fetchDraft(String inputKey, String name, Path scratch) {
        return attempt(
                "fetch the draft " + name,
                () -> {
                    var file = draftsOf(inputKey).resolve(name);
                    if (Files.isRegularFile(file)) {
                        return Optional.of(file);
                    }
                    marker.requirePresent();
                    return Optional.empty();
                });
    }

    @Override
    public void dropDraft(String inputKey, String name) {
        attemptTo(
                "drop the draft " + name,
                () -> {
                    var folder = draftsOf(inputKey);
                    Files.deleteIfExists(folder.resolve(name));
                    try {
                        Files.deleteIfExists(folder);
                    } catch (DirectoryNotEmptyException e) {
                        // Others of its drafts are still needed.
                    }
                });
    }

    @Override
    public void close() {
        // Nothing is held between calls.
    }

    /** The store's folder, for messages. */
    @Override
    public String toString() {
        return root.toString();
    }

    private Path locate(BlobRef ref) {
        if (ref.uri().startsWith("file:")) {
            return inputs.locate(ref.uri());
        }
        if (ref.uri().equals(URI_PREFIX + ref.sha256())) {
            return blob(ref.sha256());
        }
        throw new StageException(
                FailureCode.INPUT_LOST,
                "'" + ref.uri() + "' is not the address of a blob: use store:blobs/<sha256>");
    }

    /** A file outside of any store, if it has the blob's bytes; INPUT_LOST if not. */
    static Path verified(Path file, BlobRef ref) {
        if (!matches(file, ref)) {
            throw new StageException(
                    FailureCode.INPUT_LOST, file + " is missing or differs from " + ref.sha256());
        }
        return file;
    }

    static boolean matches(Path file, BlobRef ref) {
        try {
            return intact(file, ref);
        } catch (IOException e) {
            throw LocalFailures.of(file, "read it", e);
        }
    }

    private static boolean intact(Path file, BlobRef ref) throws IOException {
        try {
            // Neither a pipe nor a device, which have no end.
            return Files.isRegularFile(file)
                    && Files.size(file) == ref.size()
                    && Sha256.of(file, ref.size(), READ).equals(ref.sha256());
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    /**
     * Says that a file is used, before its bytes are checked: what is young is not removed ({@link
     * StoreContents}).
     */
    private static void renew(Path file) {
        try {
            var now = Instant.now();
            if (Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(YOUNG))) {
                Files.setLastModifiedTime(file, FileTime.from(now));
            }
        } catch (IOException e) {
            // It is not there, which who reads it finds out; or it is another user's, and its age
            // counts from when it was made.
        }
    }

    private Path blob(String sha256) {
        return root.resolve("blobs").resolve(sha256);
    }

    private Path resultFile(String inputKey) {
        return root.resolve("results").resolve(inputKey);
    }

    private Path draftsOf(String inputKey) {
        return root.resolve("drafts").resolve(inputKey);
    }

    private Path temporary() {
        return root.resolve("tmp").resolve(UUID.randomUUID().toString());
    }

    private static void write(FileChannel out, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }

    private void attemptTo(String what, IoAction action) {
        attempt(
                what,
                () -> {
                    action.run();
                    return true;
                });
    }

    private <T> T attempt(String what, IoCall<T> call) {
        try {
            return call.run();
        } catch (IOException e) {
            throw LocalFailures.of(root, what, e);
        }
    }

    private interface IoAction {
        void run() throws IOException;
    }

    private interface IoCall<T> {
        T run() throws IOException;
    }
}
