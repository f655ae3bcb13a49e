package dev.reelrank.worker.models;

import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The limits that models declare: {@code limits} in the front matter of a card. Shown on every run,
 * and recorded with every result.
 */
public final class ModelCards {
    private ModelCards() {}

    /** Limits by model, where the model has any; other code reports missing models. */
    public static Map<String, String> limits(ModelFolders folders, Collection<ModelName> models) {
        Map<String, Path> found = new LinkedHashMap<>();
        for (ModelName name : models) {
            try {
                found.put(name.id(), folders.folder(name));
            } catch (StageException e) {
                // The worker that needs it reports this, with the folders tried.
            }
        }
        return limits(found);
    }

    /** Limits of the models in these folders, where they have any; the names stay. */
    public static Map<String, String> limits(Map<String, Path> folders) {
        Map<String, String> limits = new LinkedHashMap<>();
        folders.forEach(
                (name, folder) ->
                        ofCard(folder.resolve("README.md"))
                                .ifPresent(text -> limits.put(name, text)));
        return limits;
    }

    private static Optional<String> ofCard(Path card) {
        if (!Files.isRegularFile(card)) {
            return Optional.empty();
        }
        try (var lines = Files.lines(card)) {
            var all = lines.limit(40).toList();
            if (all.isEmpty() || !all.get(0).equals("---")) {
                return Optional.empty();
            }
            return all.stream()
                    .skip(1)
                    .takeWhile(l -> !l.equals("---"))
                    .filter(l -> l.startsWith("limits:"))
                    .map(l -> l.substring("limits:".length()).strip())
                    .findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the model card " + card, e);
        }
    }
}
