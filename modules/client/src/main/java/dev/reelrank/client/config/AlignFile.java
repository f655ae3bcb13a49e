package dev.reelrank.client.config;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;

/**
 * The configuration of a training in YAML: {@code align} with the keys of {@link AlignConfig}. What
 * is not named keeps its default.
 */
public final class AlignFile {
    /** The presets that ship, by name. */
    public static final List<String> PRESETS =
            List.of(
                    "smoke",
                    "rankings",
                    "video-dpo",
                    "t4",
                    "l4",
                    "a100",
                    "h200",
                    "judge",
                    "videogpa-5b",
                    "videogpa-5b-i2v",
                    "videogpa-1.5-5b");

    private AlignFile() {}

    /** What the file holds. */
    record Document(AlignConfig align) {}

    /**
     * Reads a file over the defaults.
     *
     * @throws StageException INVALID_CONFIG, naming file, line, key and the nearest valid name
     */
    public static AlignConfig read(Path file) {
        try {
            return parse(file.toString(), Files.readString(file), AlignConfig.defaults());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "cannot read the configuration " + file + ": " + e.getMessage(),
                    e);
        }
    }

    /** Reads a preset over the defaults. */
    public static AlignConfig preset(String name) {
        if (!PRESETS.contains(name)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "unknown preset '%s'; did you mean '%s'? Presets are %s"
                            .formatted(
                                    name, Nearest.to(name, PRESETS), String.join(", ", PRESETS)));
        }
        try (InputStream in =
                AlignFile.class.getResourceAsStream(
                        "/dev/reelrank/client/presets/align/" + name + ".yaml")) {
            if (in == null) {
                throw new IllegalStateException("preset " + name + " is not on the class path");
            }
            return parse(
                    "preset " + name,
                    new String(in.readAllBytes(), StandardCharsets.UTF_8),
                    AlignConfig.defaults());
        } catch (IOException e) {
            throw new StageException(FailureCode.INVALID_CONFIG, "cannot read preset " + name, e);
        }
    }

    /**
     * One parameter over a configuration.
     *
     * @param setting {@code align.key=value}, the value as in YAML
     */
    public static AlignConfig set(String setting, AlignConfig base) {
        return ConfigurationFile.set(setting, new Document(base)).align();
    }

    /**
     * Several parameters over a configuration. Some fit it only together, so their order does not
     * count; of two of one key the last one does.
     *
     * @param settings {@code align.key=value} each
     */
    public static AlignConfig set(List<String> settings, AlignConfig base) {
        var waiting = new LinkedHashMap<String, String>();
        for (String setting : settings) {
            waiting.put(setting.split("=", 2)[0].strip(), setting);
        }
        AlignConfig config = base;
        while (!waiting.isEmpty()) {
            StageException refused = null;
            int before = waiting.size();
            for (String key : List.copyOf(waiting.keySet())) {
                try {
                    config = set(Objects.requireNonNull(waiting.get(key)), config);
                    waiting.remove(key);
                } catch (StageException e) {
                    refused = refused == null ? e : refused;
                }
            }
            if (refused != null && waiting.size() == before) {
                throw refused;
            }
        }
        return config;
    }

    /** Reads YAML text over a base. */
    static AlignConfig parse(String where, String yaml, AlignConfig base) {
        return ConfigurationFile.parse(where, yaml, new Document(base)).align();
    }
}
