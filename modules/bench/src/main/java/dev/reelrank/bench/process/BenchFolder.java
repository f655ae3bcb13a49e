package dev.reelrank.bench.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * A folder for one benchmark. It is removed if the benchmark ends well, and kept with its logs if
 * it does not.
 */
public final class BenchFolder implements AutoCloseable {
    private final Path path;
    private boolean done;

    private BenchFolder(Path path) {
        this.path = path;
    }

    public static BenchFolder temporary(String name) throws IOException {
        return new BenchFolder(Files.createTempDirectory("reelrank-bench-" + name));
    }

    public Path path() {
        return path;
    }

    /** The benchmark ended well: nothing here is needed any more. */
    public void done() {
        done = true;
    }

    @Override
    public void close() throws IOException {
        if (!done) {
            return;
        }
        try (var walk = Files.walk(path)) {
            for (var file : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
