package dev.reelrank.cli;

import dev.reelrank.cli.config.ConfigurationFile;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The configuration of a run: a file, a preset, or the defaults. */
final class ConfigurationOptions {
    @ArgGroup(exclusive = true, multiplicity = "0..1")
    @Nullable Source source;

    static final class Source {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "YAML with the run's parameters; see docs/configuration.md.")
        @Nullable Path file;

        @Option(
                names = "--preset",
                paramLabel = "NAME",
                description = "final, lightning-4step, simplify-v2-6step or baseline-30step.")
        @Nullable String preset;
    }

    RunConfiguration read() {
        if (source == null) {
            return RunConfiguration.defaults();
        }
        return source.file != null
                ? ConfigurationFile.read(source.file)
                : ConfigurationFile.preset(String.valueOf(source.preset));
    }

    /** Whether the user said anything. */
    boolean given() {
        return source != null;
    }
}
