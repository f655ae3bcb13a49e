package dev.reelrank.worker.models;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Folders as a hub's download tool leaves them: {@code models--org--name/snapshots/<revision>/…},
 * with {@code refs/main} naming the revision, and files that are links into {@code blobs/}.
 */
final class HubCache {
    private HubCache() {}

    static boolean isRepository(Path folder) {
        return Files.isDirectory(folder.resolve("snapshots"));
    }

    /** Repositories below a folder, or below its {@code hub}; sorted by name. */
    static List<Path> repositories(Path root) {
        var found = new ArrayList<Path>();
        for (var folder : List.of(root, root.resolve("hub"))) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (var children = Files.newDirectoryStream(folder, "models--*")) {
                for (var child : children) {
                    if (isRepository(child)) {
                        found.add(child);
                    }
                }
            } catch (IOException e) {
                throw new StageException(
                        FailureCode.MODEL_MISSING, "cannot list " + folder + ": " + e, e);
            }
        }
        found.sort(null);
        return found;
    }

    /** {@code models--org--name} for {@code org/name}. */
    static String folderName(String repository) {
        return "models--" + repository.replace("/", "--");
    }

    /** The snapshot that {@code refs/main} names, or the only one there is. */
    static Path snapshot(Path repository) {
        var snapshots = repository.resolve("snapshots");
        try {
            var main = repository.resolve("refs").resolve("main");
            if (Files.isRegularFile(main)) {
                var folder = snapshots.resolve(Files.readString(main).strip());
                if (Files.isDirectory(folder)) {
                    return folder;
                }
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        main + " names a missing revision: " + folder + "; download it again");
            }
            try (var children = Files.list(snapshots)) {
                var all = children.filter(Files::isDirectory).sorted().toList();
                if (all.size() == 1) {
                    return all.get(0);
                }
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        all.isEmpty()
                                ? snapshots + " is empty: download the model again"
                                : snapshots
                                        + " holds "
                                        + all.size()
                                        + " revisions and no refs/main: name one with --model"
                                        + " NAME="
                                        + all.get(0));
            }
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "cannot read " + repository + ": " + e, e);
        }
    }
}
