package dev.reelrank.cli;

import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.models.ModelName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What the models say of themselves that they cannot do: {@code limits} in the front matter of a
 * card. Shown on every run.
 */
final class ModelLimits {
    private ModelLimits() {}

    /** By model, those that have any; models that are not there are somebody else's complaint. */
    static Map<String, String> of(ModelFolders folders) {
        Map<String, String> limits = new LinkedHashMap<>();
        for (ModelName name : ModelName.values()) {
            try {
                ofCard(folders.folder(name).resolve("README.md"))
                        .ifPresent(text -> limits.put(name.id(), text));
            } catch (StageException e) {
                continue; // The worker that needs it says so, with the folders tried.
            }
        }
        return limits;
    }

    static Optional<String> ofCard(Path card) {
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
