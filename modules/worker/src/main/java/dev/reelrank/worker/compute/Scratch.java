package dev.reelrank.worker.compute;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An empty folder that is removed with all it holds. */
record Scratch(Path folder) implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Scratch.class);

    static Scratch make() {
        try {
            return new Scratch(Files.createTempDirectory("reelrank-"));
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot create a temporary folder below "
                            + System.getProperty("java.io.tmpdir")
                            + ": "
                            + e
                            + "; free some room there or set -Djava.io.tmpdir",
                    e);
        }
    }

    @Override
    public void close() {
        try (var walk = Files.walk(folder)) {
            for (var path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.warn("could not remove {}: {}", folder, e.toString());
        }
    }
}
