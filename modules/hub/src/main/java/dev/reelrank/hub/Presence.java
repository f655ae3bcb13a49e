package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.ModelFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** Which files of a model are there, with the content that they must have. */
final class Presence {
    private Presence() {}

    /**
     * The file, if it is there. One that has changed since its hash was right, or was never hashed,
     * is hashed now.
     *
     * @param checked times of change at which hashes were right
     */
    static Optional<Path> of(
            ModelFolder folder, RepositoryFile file, Map<RepositoryFile, Long> checked)
            throws IOException {
        long known = checked.getOrDefault(file, 0L);
        for (Path candidate : folder.candidates(file)) {
            boolean trusted = known != 0 && hasSize(candidate, file) && known == changed(candidate);
            if (trusted || (hasSize(candidate, file) && file.hash().isOf(candidate))) {
                return Optional.of(candidate);
            }
        }
        return Optional.empty();
    }

    static boolean hasSize(Path path, RepositoryFile file) throws IOException {
        return Files.isRegularFile(path) && Files.size(path) == file.size();
    }

    /** The time of the last change, in milliseconds since 1970. */
    static long changed(Path path) throws IOException {
        return Files.getLastModifiedTime(path).toMillis();
    }
}
