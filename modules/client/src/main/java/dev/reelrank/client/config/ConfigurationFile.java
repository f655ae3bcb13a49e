package dev.reelrank.client.config;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.schema.CoreSchema;

/**
 * A run's configuration in YAML: {@code prompt}, {@code candidate}, {@code ranking}, {@code grade}
 * and {@code finish}, each with the keys of its record in {@link dev.reelrank.pipeline.config}.
 * What is not named keeps its default; {@code auto} means the model's own default. {@code --set}
 * names single keys.
 */
public final class ConfigurationFile {
    /** The presets that ship, by name. */
    public static final List<String> PRESETS =
            List.of(
                    "final",
                    "lightning-4step",
                    "turbo-4step",
                    "simplify-v2-6step",
                    "baseline-30step",
                    "wan-ti2v-5b",
                    "cogvideox-5b",
                    "cogvideox-5b-i2v",
                    "cogvideox-1.5-5b",
                    "animatediff",
                    "animatediff-testbed");

    private static final Pattern SETTING =
            Pattern.compile("(?<key>\\w+(?:\\.\\w+)*+)\\s*=\\s*(?<value>.+)");

    private ConfigurationFile() {}

    /**
     * Reads a file over the defaults.
     *
     * @throws StageException INVALID_CONFIG, naming file, line, key and the nearest valid name
     */
    public static RunConfiguration read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file), RunConfiguration.defaults());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read the configuration " + file + ": " + e.getMessage(),
                    e);
        }
    }

    /** Reads a preset; it sets only what it is about. */
    public static RunConfiguration preset(String name) {
        if (!PRESETS.contains(name)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown preset '%s'; did you mean '%s'? Presets are %s"
                            .formatted(
                                    name, Nearest.to(name, PRESETS), String.join(", ", PRESETS)));
        }
        try (InputStream in =
                ConfigurationFile.class.getResourceAsStream(
                        "/dev/reelrank/client/presets/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("preset " + name + " is not on the class path");
            }
            return parse(
                    "preset " + name,
                    new String(in.readAllBytes(), StandardCharsets.UTF_8),
                    RunConfiguration.defaults());
        } catch (IOException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, "cannot read preset " + name, e);
        }
    }

    /**
     * Reads a JSON object over a preset or the defaults; JSON is YAML.
     *
     * @param preset null for the defaults
     * @param json sections and keys
     * @throws StageException INVALID_CONFIG, naming the key and the nearest valid name
     */
    public static RunConfiguration json(@Nullable String preset, String json) {
        RunConfiguration base = preset == null ? RunConfiguration.defaults() : preset(preset);
        return parse("'config'", line -> "'config'", json, base);
    }

    /**
     * One parameter over a configuration.
     *
     * @param setting {@code section.key=value}, the value as in YAML
     * @throws StageException INVALID_CONFIG, naming the setting, the key and the nearest valid name
     */
    public static <R extends Record> R set(String setting, R base) {
        var match = SETTING.matcher(setting);
        if (!match.matches()) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "--set is '"
                            + setting
                            + "'; it must be KEY=VALUE, for example candidate.steps=4");
        }
        var yaml = new StringBuilder();
        String[] keys = match.group("key").split("\\.", -1);
        for (int i = 0; i < keys.length; i++) {
            yaml.append("  ".repeat(i)).append(keys[i]).append(i < keys.length - 1 ? ":\n" : ": ");
        }
        yaml.append(match.group("value")).append('\n');
        String where = "--set " + setting;
        return parse(where, line -> where, yaml.toString(), base);
    }

    /**
     * Reads YAML text over a base.
     *
     * @param where named in errors
     */
    public static <R extends Record> R parse(String where, String yaml, R base) {
        return parse(where, line -> where + ":" + line, yaml, base);
    }

    private static <R extends Record> R parse(
            String where, IntFunction<String> place, String yaml, R base) {
        Optional<Node> root;
        try {
            // YAML 1.2's core schema knows ~ for null too.
            var settings =
                    LoadSettings.builder().setLabel(where).setSchema(new CoreSchema()).build();
            root = new Compose(settings).composeString(yaml);
        } catch (RuntimeException | StackOverflowError e) {
            // The parser answers damaged text with every kind of exception.
            throw new StageException(
                    FailureCode.INVALID_CONFIG, where + " is not YAML: " + e.getMessage(), e);
        }
        if (root.isEmpty()) {
            return base;
        }
        if (!(root.get() instanceof MappingNode mapping)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    where + ": expected a mapping with keys such as 'candidate:'");
        }
        return new RecordReader(place).read(mapping, base, "");
    }
}
