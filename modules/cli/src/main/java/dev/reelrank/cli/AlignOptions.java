package dev.reelrank.cli;

import dev.reelrank.client.config.AlignFile;
import dev.reelrank.pipeline.config.AlignConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The configuration of a training: a file, a preset, or the defaults, and single parameters. */
final class AlignOptions {
    @ArgGroup(exclusive = true, multiplicity = "0..1")
    @Nullable Source source;

    static final class Source {
        @Option(
                names = "--config",
                paramLabel = "FILE",
                description = "YAML file with 'align:' and its parameters; see docs/alignment.md.")
        @Nullable Path file;

        @Option(
                names = "--preset",
                paramLabel = "NAME",
                description =
                        "smoke, rankings, video-dpo, t4, l4, a100 or h200; judge for the model that judges.")
        @Nullable String preset;

        AlignConfig read() {
            return file != null ? AlignFile.read(file) : AlignFile.preset(String.valueOf(preset));
        }
    }

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description =
                    "Sets one parameter and overrides all others, for example align.steps=200; may be repeated.")
    List<String> settings = new ArrayList<>();

    @Option(
            names = "--base",
            paramLabel = "MODEL",
            description =
                    "The generator that is trained: a folder under the models root. Default: wan. With qwen, the vision-language model that judges videos.")
    @Nullable String base;

    AlignConfig read() {
        AlignConfig read = source == null ? AlignConfig.defaults() : source.read();
        read = AlignFile.set(settings, read);
        return base == null ? read : AlignFile.set("align.model=" + base, read);
    }
}
