package dev.reelrank.cli;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.file.WholeFile;
import dev.reelrank.pipeline.store.ResultStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Copies files of the result store to where a user wants them. */
final class StoredCopy {
    private StoredCopy() {}

    /**
     * Copies one file, whole or not at all; missing folders are made.
     *
     * @throws StageException OUT_OF_DISK naming the target
     */
    static void write(ResultStore store, BlobRef blob, Path to) {
        Path scratch = null;
        try {
            scratch = Files.createTempDirectory("reelrank-stored");
            Path fetched = store.fetch(blob, scratch);
            WholeFile.write(to, part -> Files.copy(fetched, part));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK, "cannot write " + to + ": " + e.getMessage(), e);
        } finally {
            TemporaryFolder.delete(scratch);
        }
    }
}
