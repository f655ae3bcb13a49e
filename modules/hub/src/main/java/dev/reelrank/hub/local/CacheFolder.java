package dev.reelrank.hub.local;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;

/**
 * A repository in a hub cache: {@code blobs/HASH}, {@code snapshots/COMMIT/PATH} as a link to it,
 * and {@code refs/REVISION} with the commit. The reference is written last, so a reader that
 * follows it finds a whole snapshot.
 *
 * @param root the cache
 * @param repository {@code org/name}
 * @param revision that the reference names
 * @param commit of the snapshot
 */
record CacheFolder(Path root, String repository, String revision, String commit)
        implements ModelFolder {
    private static final String TAG =
            """
            Signature: 8a477f597d28d172789f06886806bc55
            # This file marks a folder that backups may leave out: see https://bford.info/cachedir/
            """;

    private Path folder() {
        return root.resolve("models--" + repository.replace("/", "--"));
    }

    @Override
    public Path path() {
        return folder().resolve("snapshots").resolve(commit);
    }

    @Override
    public Path visible(RepositoryFile file) {
        return path().resolve(file.path());
    }

    private Path blob(RepositoryFile file) {
        return folder().resolve("blobs").resolve(file.hash().hex());
    }

    @Override
    public List<Path> candidates(RepositoryFile file) {
        return List.of(blob(file), visible(file));
    }

    @Override
    public Path destination(RepositoryFile file) {
        return blob(file);
    }

    @Override
    public void show(RepositoryFile file) throws IOException {
        Path visible = visible(file);
        if (Files.exists(visible)) {
            return;
        }
        Path parent = Objects.requireNonNull(visible.getParent(), "a file of a snapshot");
        Files.createDirectories(parent);
        Files.deleteIfExists(visible); // A link to a blob that is gone.
        Path fresh = visible.resolveSibling(visible.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try {
            Files.createSymbolicLink(fresh, parent.relativize(blob(file)));
        } catch (UnsupportedOperationException | FileSystemException e) {
            // File systems without links get a copy, as from Hugging Face's tools.
            Files.copy(blob(file), fresh, StandardCopyOption.REPLACE_EXISTING);
        }
        WholeFile.move(fresh, visible);
    }

    @Override
    public void complete(List<RepositoryFile> files, List<String> leftovers) throws IOException {
        for (RepositoryFile file : files) {
            show(file);
        }
        write(root.resolve("CACHEDIR.TAG"), TAG, false);
        if (!revision.equals(commit)) {
            write(folder().resolve("refs").resolve(revision), commit, true);
        }
    }

    private static void write(Path file, String text, boolean replace) throws IOException {
        if (!replace && Files.exists(file)) {
            return;
        }
        WholeFile.write(file, text);
    }
}
