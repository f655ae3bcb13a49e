package dev.reelrank.worker.store;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The folders outside the store that a client may name inputs in. Without any, which is the
 * default, a {@code file:} URI is refused: whoever can submit could otherwise have a worker read,
 * or wait for, anything on its host.
 *
 * @param roots real paths
 */
public record InputRoots(List<Path> roots) {
    /** Inputs come from the store alone. */
    public static final InputRoots NONE = new InputRoots(List.of());

    public InputRoots {
        roots = List.copyOf(roots);
    }

    /**
     * These folders.
     *
     * @throws StageException INVALID_CONFIG if one of them is no folder
     */
    public static InputRoots of(List<Path> folders) {
        return new InputRoots(folders.stream().map(InputRoots::real).toList());
    }

    private static Path real(Path folder) {
        try {
            if (Files.isDirectory(folder)) {
                return folder.toRealPath();
            }
        } catch (IOException e) {
            throw noFolder(folder, e);
        }
        throw noFolder(folder, null);
    }

    private static StageException noFolder(Path folder, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "--input-root " + folder + " is not a readable folder",
                cause);
    }

    /**
     * The file that a URI names, links followed.
     *
     * @throws StageException INVALID_SAMPLE for whatever is not a regular file below a root; one
     *     message for all of it, so that nobody can ask what there is on a worker's disk
     */
    Path locate(String uri) {
        try {
            var path = Path.of(URI.create(uri)).toRealPath();
            if (roots.stream().anyMatch(path::startsWith) && Files.isRegularFile(path)) {
                return path;
            }
        } catch (IOException | RuntimeException e) {
            // No host, no such file system, a name that is none: whatever it was meant to be.
            throw refused(uri, e);
        }
        throw refused(uri, null);
    }

    private static StageException refused(String uri, @Nullable Throwable cause) {
        return new StageException(
                FailureCode.INVALID_SAMPLE,
                "the input '%s' is refused: put it into the farm's store (submit does this), or start the workers with an --input-root that contains it"
                        .formatted(uri.length() > 200 ? uri.substring(0, 200) + "…" : uri),
                cause);
    }
}
