package dev.reelrank.worker.models;

import dev.reelrank.pipeline.Sha256;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cached hashes, one small file per hash, so that several processes need no lock. */
final class FingerprintCache {
    private static final Logger LOG = LoggerFactory.getLogger(FingerprintCache.class);

    private final Path folder;

    FingerprintCache(Path folder) {
        this.folder = folder;
    }

    @Nullable String look(Path file) throws IOException {
        var entry = entry(file);
        if (!Files.isRegularFile(entry)) {
            return null;
        }
        var lines = Files.readString(entry).split("\n", 3);
        return lines.length >= 2 && lines[0].equals(stamp(file)) ? lines[1] : null;
    }

    void keep(Path file, String part) {
        try {
            WholeFile.write(entry(file), stamp(file) + "\n" + part + "\n" + file + "\n");
        } catch (IOException e) {
            LOG.debug("cannot cache the fingerprint of {}: {}", file, e.toString());
        }
    }

    private Path entry(Path file) {
        return folder.resolve(Sha256.of(file.toString()).substring(0, 32));
    }

    private static String stamp(Path file) throws IOException {
        return Files.size(file) + " " + Files.getLastModifiedTime(file).toMillis();
    }
}
