package dev.reelrank.hub;

import dev.reelrank.hub.local.Layout;
import dev.reelrank.pipeline.file.WholeFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * {@code models.yaml}, where a model is not what a hub cache would make of it: a folder inside a
 * snapshot, for example. Workers read it.
 */
final class ModelsYaml {
    private ModelsYaml() {}

    /** Adds or corrects the model's line; a line that the user wrote otherwise stays. */
    static void name(Path root, FetchJob job, Consumer<String> say) throws IOException {
        if (job.locked().layout() != Layout.CACHE || job.locked().strip().isEmpty()) {
            return;
        }
        String name = job.plan().name();
        Path folder = job.folder().path().resolve(job.locked().strip());
        String line = name + ": " + root.relativize(folder).toString().replace('\\', '/');
        Path file = root.resolve("models.yaml");
        List<String> lines =
                Files.exists(file) ? new ArrayList<>(Files.readAllLines(file)) : new ArrayList<>();
        int place = -1;
        for (int i = 0; i < lines.size(); i++) {
            if (lines.get(i).startsWith(name + ":")) {
                place = i;
            }
        }
        if (place < 0) {
            lines.add(line);
        } else if (lines.get(place).contains("/snapshots/")) {
            lines.set(place, line);
        } else {
            say.accept(
                    "%s names another folder for %s and stays as it is; the fetched one is %s"
                            .formatted(file, name, folder));
            return;
        }
        WholeFile.write(file, part -> Files.write(part, lines));
    }
}
