package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.local.ModelFolder;
import dev.reelrank.hub.local.ModelsLock;
import dev.reelrank.hub.local.PartFile;
import dev.reelrank.hub.plan.ModelPlan;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Says what is there, from sizes alone: fast, and without a network. */
public final class Status {
    private final Path root;

    /**
     * Reads nothing yet.
     *
     * @param root the models folder
     */
    public Status(Path root) {
        this.root = root.toAbsolutePath();
    }

    /** One state per model, in the order given. */
    public List<ModelState> of(List<ModelPlan> models) {
        Map<String, LockedModel> locked = new ModelsLock(root).read();
        return models.stream().map(model -> of(model, locked.get(model.name()))).toList();
    }

    private ModelState of(ModelPlan model, @Nullable LockedModel locked) {
        if (locked == null) {
            Path folder = root.resolve(model.folder());
            return new ModelState(
                    model.name(),
                    model.repository(),
                    model.revision(),
                    null,
                    Files.isDirectory(folder) ? ModelState.State.UNKNOWN : ModelState.State.MISSING,
                    folder,
                    0,
                    0,
                    model.about(),
                    0,
                    exported(model));
        }
        try {
            return counted(model, locked, locked.open(root));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ModelState counted(ModelPlan model, LockedModel locked, ModelFolder folder)
            throws IOException {
        int files = 0;
        long bytes = 0;
        for (RepositoryFile file : locked.repositoryFiles()) {
            if (Presence.hasSize(folder.visible(file), file)) {
                files++;
                bytes += file.size();
            } else {
                bytes += PartFile.arrived(file, folder.destination(file));
            }
        }
        boolean all = files == locked.files().size() && locked.leftovers().isEmpty();
        return new ModelState(
                model.name(),
                locked.repository(),
                locked.revision(),
                locked.commit(),
                all
                        ? ModelState.State.READY
                        : bytes == 0 ? ModelState.State.MISSING : ModelState.State.PARTIAL,
                folder.path(),
                locked.files().size(),
                files,
                locked.bytes(),
                bytes,
                exported(model));
    }

    private @Nullable Boolean exported(ModelPlan model) {
        return model.export() == null
                ? null
                : Files.isRegularFile(root.resolve(model.export()).resolve("manifest.json"));
    }
}
