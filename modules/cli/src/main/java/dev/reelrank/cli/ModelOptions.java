package dev.reelrank.cli;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.worker.models.ModelFolders;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which weights. */
final class ModelOptions {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            description =
                    "Root folder with wan/ lightning/ qwen/ dinov3/ sam3/ clip/, or hub cache folders. Default: the small testbed models.")
    @Nullable Path models;

    @Option(
            names = "--model",
            paramLabel = "NAME=PATH",
            description = "Location of one model, for example wan=/data/Wan2.2. Repeatable.")
    List<String> overrides = new ArrayList<>();

    Path root() {
        return models != null
                ? models.toAbsolutePath()
                : Home.folder().resolve("models").resolve("testbed");
    }

    /** Every folder that is named or meant: the root, then those of single models. */
    List<Path> all() {
        var all = new ArrayList<>(List.of(root()));
        all.addAll(new TreeMap<>(named()).values());
        return all;
    }

    /** The folders of the models. */
    ModelFolders folders() {
        return ModelFolders.of(root(), named());
    }

    private Map<String, Path> named() {
        var paths = new HashMap<String, Path>();
        for (String override : overrides) {
            String[] parts = override.split("=", 2);
            if (parts.length != 2 || parts[1].isBlank()) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "--model " + override + " is not NAME=PATH, for example wan=/data/Wan2.2");
            }
            paths.put(parts[0], Path.of(parts[1]));
        }
        return paths;
    }
}
