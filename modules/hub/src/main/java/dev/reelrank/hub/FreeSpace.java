package dev.reelrank.hub;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Whether everything fits, asked before the first byte. */
final class FreeSpace {
    /** Beside the files themselves: notes, folders, and what else is written meanwhile. */
    private static final double MARGIN = 1.05;

    private FreeSpace() {}

    /**
     * Adds up what each disk gets.
     *
     * @param bytes that will be written, by the file that gets them
     * @throws StageException OUT_OF_DISK that names the disk, what is needed and what is free
     */
    static void require(Map<Path, Long> bytes) {
        var needed = new HashMap<FileStore, Long>();
        var example = new HashMap<FileStore, Path>();
        try {
            for (var entry : bytes.entrySet()) {
                Path folder = existing(entry.getKey());
                FileStore store = Files.getFileStore(folder);
                needed.merge(store, entry.getValue(), Long::sum);
                example.putIfAbsent(store, folder);
            }
            for (var entry : needed.entrySet()) {
                long wanted = (long) (entry.getValue() * MARGIN);
                long free = entry.getKey().getUsableSpace();
                if (entry.getValue() > 0 && wanted > free) {
                    throw new StageException(
                            FailureCode.OUT_OF_DISK,
                            "the disk of %s has %.1f GB free, but %.1f GB are needed (5 %% of it as a margin): make room, name another folder with --models, or fetch fewer models. Nothing was fetched"
                                    .formatted(
                                            example.get(entry.getKey()), free / 1e9, wanted / 1e9));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path existing(Path file) {
        Path folder = file.toAbsolutePath();
        while (!Files.exists(folder) && folder.getParent() != null) {
            folder = folder.getParent();
        }
        return folder;
    }
}
