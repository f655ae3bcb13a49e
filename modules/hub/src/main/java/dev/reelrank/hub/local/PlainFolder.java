package dev.reelrank.hub.local;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files under their own names. During an update, the new content of a file that exists waits as
 * {@code NAME.new} until all of it is there, so that no worker finds one half of each.
 *
 * @param root of the models
 * @param folder below it
 * @param strip folder of the repository whose content the folder has; empty for all
 */
record PlainFolder(Path root, String folder, String strip) implements ModelFolder {
    @Override
    public Path path() {
        return root.resolve(folder);
    }

    @Override
    public Path visible(RepositoryFile file) {
        String path = file.path();
        return path().resolve(
                        !strip.isEmpty() && path.startsWith(strip + "/")
                                ? path.substring(strip.length() + 1)
                                : path);
    }

    private Path waiting(RepositoryFile file) {
        Path visible = visible(file);
        return visible.resolveSibling(visible.getFileName() + ".new");
    }

    @Override
    public List<Path> candidates(RepositoryFile file) {
        return List.of(visible(file), waiting(file));
    }

    @Override
    public Path destination(RepositoryFile file) {
        Path visible = visible(file);
        return Files.exists(visible) ? waiting(file) : visible;
    }

    @Override
    public void show(RepositoryFile file) {
        // It arrived under its own name, or waits.
    }

    @Override
    public void complete(List<RepositoryFile> files, List<String> leftovers) throws IOException {
        for (RepositoryFile file : files) {
            if (Files.exists(waiting(file))) {
                WholeFile.move(waiting(file), visible(file));
            }
        }
        for (String path : leftovers) {
            Files.deleteIfExists(root.resolve(path));
        }
    }
}
