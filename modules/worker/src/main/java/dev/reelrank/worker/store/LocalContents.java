package dev.reelrank.worker.store;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.UUID;
import java.util.function.Consumer;

/** What the store in a folder holds. */
final class LocalContents implements StoreContents {
    private final Path root;

    private LocalContents(Path root) {
        this.root = root;
    }

    static LocalContents of(Path root) {
        try {
            new StoreMarker(root).requirePresent();
        } catch (IOException e) {
            throw LocalFailures.of(root, "open", e);
        }
        return new LocalContents(root);
    }

    @Override
    public void each(Consumer<Entry> receiver) {
        for (var part : Part.values()) {
            var folder = root.resolve(part.folder());
            try {
                list(part, folder, folder, receiver);
            } catch (IOException e) {
                throw LocalFailures.of(root, "list " + folder, e);
            }
        }
    }

    /** Folders in a part come and go like its files; a store of an earlier build lacks parts. */
    private static void list(Part part, Path folder, Path in, Consumer<Entry> receiver)
            throws IOException {
        try (var files = Files.newDirectoryStream(in)) {
            for (var file : files) {
                if (Files.isDirectory(file)) {
                    list(part, folder, file, receiver);
                } else {
                    give(part, folder.relativize(file).toString(), file, receiver);
                }
            }
        } catch (NoSuchFileException e) {
            return;
        }
    }

    private static void give(Part part, String name, Path file, Consumer<Entry> receiver)
            throws IOException {
        try {
            if (Files.isRegularFile(file)) {
                receiver.accept(new Entry(part, name, Files.size(file), usedAt(file)));
            }
        } catch (NoSuchFileException e) {
            // Gone since it was listed.
        }
    }

    /**
     * Whoever finds a file makes it young before they check its bytes. The file is therefore taken
     * away first and looked at then: if it is young now, somebody may count on it, and it is put
     * back; if it is not, nobody has checked it since, and who checks now finds it gone.
     */
    @Override
    public boolean remove(Entry entry, Instant before) {
        var file = root.resolve(entry.part().folder()).resolve(entry.name());
        var away = root.resolve(Part.TEMPORARY.folder()).resolve(UUID.randomUUID().toString());
        try {
            if (!usedAt(file).isBefore(before)) {
                return false;
            }
            Files.move(file, away, StandardCopyOption.ATOMIC_MOVE);
            if (usedAt(away).isBefore(before)) {
                Files.delete(away);
                return true;
            }
            putBack(away, file);
            return false;
        } catch (NoSuchFileException e) {
            return !Files.exists(file);
        } catch (IOException e) {
            throw LocalFailures.of(root, "remove " + file, e);
        }
    }

    /** Unless another process has put the same bytes there meanwhile. */
    private static void putBack(Path away, Path file) throws IOException {
        try {
            Files.createLink(file, away);
        } catch (FileAlreadyExistsException e) {
            // The same content: its name is its hash, or the first result holds.
        } catch (UnsupportedOperationException e) {
            Files.move(away, file, StandardCopyOption.ATOMIC_MOVE);
            return;
        }
        Files.deleteIfExists(away);
    }

    private static Instant usedAt(Path file) throws IOException {
        return Files.getLastModifiedTime(file).toInstant();
    }

    @Override
    public void close() {
        // Nothing is held between calls.
    }
}
