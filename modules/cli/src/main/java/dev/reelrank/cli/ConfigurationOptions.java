package dev.reelrank.cli;

import dev.reelrank.client.config.ConfigurationFile;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The configuration of a run: a file, a preset, or the defaults, and single parameters over it. */
final class ConfigurationOptions {
    @ArgGroup(exclusive = true, multiplicity = "0..1")
    @Nullable Source source;

    static final class Source {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "YAML file with the run's parameters; see docs/configuration.md.")
        @Nullable Path file;

        @Option(
                names = "--preset",
                paramLabel = "NAME",
                description =
                        "final, lightning-4step, turbo-4step, simplify-v2-6step, baseline-30step, wan-ti2v-5b,"
                                + " cogvideox-5b, cogvideox-5b-i2v, cogvideox-1.5-5b, animatediff or"
                                + " animatediff-testbed.")
        @Nullable String preset;

        RunConfiguration read() {
            return file != null
                    ? ConfigurationFile.read(file)
                    : ConfigurationFile.preset(String.valueOf(preset));
        }
    }

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Sets one parameter and overrides all others, for example candidate.steps=4 or"
                            + " 'candidate.seeds=[1, 2, 3]'; may be repeated.")
    List<String> settings = new ArrayList<>();

    /** What the user said, over the defaults. */
    RunConfiguration read() {
        return over(RunConfiguration::defaults);
    }

    /**
     * What the user said.
     *
     * @param base stands where neither a file nor a preset is named
     */
    RunConfiguration over(Supplier<RunConfiguration> base) {
        RunConfiguration read = source == null ? base.get() : source.read();
        for (String setting : settings) {
            read = ConfigurationFile.set(setting, read);
        }
        return read;
    }
}
