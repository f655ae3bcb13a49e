package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;

/**
 * The file that says "this folder is the store". An empty mount point has none, so a share that is
 * not mounted is distinguished from a lost blob. It also carries the room that must stay free:
 * {@code reserve.bytes}, read at every write, so that an operator sets it once for all hosts.
 */
final class StoreMarker {
    private final Path root;
    private final Path file;

    StoreMarker(Path root) {
        this.root = root;
        this.file = root.resolve("store.properties");
    }

    void makeIfAbsent() throws IOException {
        if (!Files.isDirectory(root)) {
            Files.createDirectories(root);
        }
        try {
            Files.writeString(
                    Files.createFile(file),
                    """
                    # This folder is a Reelrank result store.
                    # Writes are rejected when fewer bytes than this are free.
                    reserve.bytes=0
                    """);
        } catch (FileAlreadyExistsException e) {
            // Another process has already made it.
        }
    }

    void requirePresent() throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new IOException(file + " is not there");
        }
    }

    void requireRoom() throws IOException {
        var properties = new Properties();
        try (var in = Files.newInputStream(file)) {
            properties.load(in);
        }
        var reserve = Long.parseLong(properties.getProperty("reserve.bytes", "0").strip());
        var free = Files.getFileStore(file).getUsableSpace();
        if (free <= reserve) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "store "
                            + file.getParent()
                            + " has "
                            + free
                            + " bytes free, and must keep "
                            + reserve
                            + " ("
                            + file.getFileName()
                            + "): free some room there");
        }
    }
}
