package dev.reelrank.worker.models;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/**
 * Options for the location of the weights: a mixin for workers and for commands that run one stage.
 */
public final class WeightsOptions {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            description =
                    "Folder with those of wan/ lightning/ qwen/ dinov3/ sam3/ clip/ vggt/ lpips/ that are"
                            + " needed, a hub cache, or a model's own folder (default: the small testbed"
                            + " models).")
    private @Nullable Path models;

    @Option(
            names = "--model",
            paramLabel = "NAME=PATH",
            description =
                    "Location of one model, for example wan=/models/Wan2.2-I2V-A14B. Repeatable.")
    private Map<String, Path> overrides = new LinkedHashMap<>();

    /** The folders that were named, or those of the weights that ship. */
    public ModelFolders folders() {
        return ModelFolders.of(ModelFolders.rootOrShipped(models), overrides);
    }
}
