package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.local.ModelFolder;
import dev.reelrank.hub.local.ModelsLock;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Hashes every file of the models again and compares with the lock file. Uses no network. */
public final class Verify {
    private final Path root;
    private final FetchProgress progress;

    /**
     * Reads nothing yet.
     *
     * @param root the models folder
     */
    public Verify(Path root, FetchProgress progress) {
        this.root = root.toAbsolutePath();
        this.progress = progress;
    }

    /**
     * Hashes.
     *
     * @param names of models; empty means all of the lock file
     * @throws StageException MODEL_MISSING if the lock file lacks one of them, or there is none
     */
    public List<VerifiedModel> run(Collection<String> names) {
        var found = new ArrayList<VerifiedModel>();
        var chosen = chosen(names);
        long bytes = chosen.values().stream().mapToLong(LockedModel::bytes).sum();
        int files = chosen.values().stream().mapToInt(m -> m.files().size()).sum();
        progress.begin(bytes, 0, files);
        chosen.forEach((name, model) -> found.add(verify(name, model)));
        return found;
    }

    private Map<String, LockedModel> chosen(Collection<String> names) {
        var lock = new ModelsLock(root);
        var all = lock.read();
        var chosen = new LinkedHashMap<String, LockedModel>();
        for (String name : names.isEmpty() ? all.keySet() : names) {
            var model = all.get(name);
            if (model == null) {
                throw new StageException(
                        FailureCode.MODEL_MISSING,
                        "%s does not have the model %s: fetch it first, with reelrank models fetch --for %s; it has %s"
                                .formatted(lock.path(), name, name, all.keySet()));
            }
            chosen.put(name, model);
        }
        if (chosen.isEmpty()) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "there is no "
                            + lock.path()
                            + ": only what reelrank models fetch brought can be verified");
        }
        return chosen;
    }

    private VerifiedModel verify(String name, LockedModel model) {
        var folder = model.open(root);
        var problems = new ArrayList<FileProblem>();
        for (RepositoryFile file : model.repositoryFiles()) {
            String problem = problem(folder, file);
            if (!problem.isEmpty()) {
                problems.add(new FileProblem(file.path(), problem));
            }
            progress.moved(file.size());
            progress.fileDone(name, file.path());
        }
        return new VerifiedModel(
                name,
                model.repository(),
                model.commit(),
                folder.path(),
                model.files().size(),
                model.bytes(),
                problems);
    }

    private static String problem(ModelFolder folder, RepositoryFile file) {
        Path path = folder.visible(file);
        try {
            if (!Files.isRegularFile(path)) {
                return "is missing";
            }
            long size = Files.size(path);
            if (size != file.size()) {
                return "has %d bytes, not %d".formatted(size, file.size());
            }
            return file.hash().isOf(path) ? "" : "has other content than " + file.hash().text();
        } catch (IOException e) {
            return "cannot be read: " + e.getMessage();
        }
    }
}
