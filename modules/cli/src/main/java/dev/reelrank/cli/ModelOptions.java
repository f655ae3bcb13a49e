package dev.reelrank.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which weights. */
final class ModelOptions {
    @Option(
            names = "--models",
            paramLabel = "DIR",
            description =
                    "Root with wan/ lightning/ qwen/ dinov3/ sam3/ clip/, or hub cache folders. Default: the small testbed models.")
    @Nullable Path models;

    @Option(
            names = "--model",
            paramLabel = "NAME=PATH",
            description = "One model from elsewhere, for example wan=/data/Wan2.2. Repeatable.")
    List<String> overrides = new ArrayList<>();

    Path root() {
        return models != null
                ? models.toAbsolutePath()
                : Home.folder().resolve("models").resolve("testbed");
    }
}
