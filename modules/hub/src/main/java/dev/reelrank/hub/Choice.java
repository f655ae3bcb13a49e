package dev.reelrank.hub;

import dev.reelrank.hub.content.RepositoryFile;
import dev.reelrank.hub.local.Layout;
import dev.reelrank.hub.local.LockedFile;
import dev.reelrank.hub.local.LockedModel;
import dev.reelrank.hub.plan.ModelPlan;
import dev.reelrank.hub.remote.Hub;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Decides what a model is: the commit and the files. What the lock file has stays, until the user
 * asks for an update or names another repository.
 *
 * @param layout for models that the lock file does not have
 * @param offline whether the hub may not be asked
 * @param options of the fetch
 */
record Choice(Layout layout, boolean offline, FetchOptions options) {
    LockedModel of(ModelPlan model, Optional<LockedModel> known, Hub hub)
            throws InterruptedException {
        var patterns = model.patterns(options.inferenceOnly());
        var kept = known.filter(k -> !options.update() && isSame(model, k));
        if (kept.isPresent() && kept.get().patterns().containsAll(patterns)) {
            return kept.get();
        }
        if (offline) {
            throw new StageException(
                    FailureCode.MODEL_MISSING,
                    "%s: models.lock.json does not have these files of %s, and HF_HUB_OFFLINE forbids to ask the hub: unset it"
                            .formatted(model.name(), model.repository()));
        }
        String commit =
                kept.isPresent()
                        ? kept.get().commit()
                        : commit(model.repository(), model.revision(), hub);
        var files =
                model.select(
                        hub.files(model.repository(), commit), options.inferenceOnly(), commit);
        return locked(model, known, commit, patterns, files);
    }

    private static boolean isSame(ModelPlan model, LockedModel known) {
        return known.repository().equals(model.repository())
                && known.revision().equals(model.revision())
                && known.strip().equals(model.strip())
                && (known.layout() == Layout.CACHE || known.folder().equals(model.folder()));
    }

    private static String commit(String repository, String revision, Hub hub)
            throws InterruptedException {
        return revision.matches("[0-9a-f]{40}") ? revision : hub.commit(repository, revision);
    }

    private LockedModel locked(
            ModelPlan model,
            Optional<LockedModel> known,
            String commit,
            List<String> patterns,
            List<RepositoryFile> files) {
        var checked = known.map(LockedModel::checked).orElse(Map.of());
        var fresh =
                new LockedModel(
                        model.repository(),
                        model.revision(),
                        commit,
                        known.map(LockedModel::layout).orElse(layout),
                        model.folder(),
                        model.strip(),
                        patterns,
                        files.stream()
                                .map(f -> new LockedFile(f, checked.getOrDefault(f, 0L)))
                                .toList(),
                        List.of());
        return known.map(before -> fresh.with(fresh.files(), leftovers(before, fresh)))
                .orElse(fresh);
    }

    /** What the update makes superfluous, and what an update that broke off would have removed. */
    private static List<String> leftovers(LockedModel before, LockedModel after) {
        // Any folder serves: only what lies below it is compared.
        Path root = Path.of("/");
        var leftovers = new LinkedHashSet<>(before.leftovers());
        leftovers.addAll(Fetch.leftovers(root, before, after));
        after.repositoryFiles()
                .forEach(
                        f ->
                                leftovers.remove(
                                        root.relativize(after.open(root).visible(f)).toString()));
        return List.copyOf(leftovers);
    }
}
