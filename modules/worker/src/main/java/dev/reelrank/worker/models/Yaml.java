package dev.reelrank.worker.models;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** Reads a small YAML or JSON file whose top is a mapping. */
final class Yaml {
    private Yaml() {}

    static Map<?, ?> map(Path file) {
        Object value;
        try {
            value =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build())
                            .loadFromString(Files.readString(file));
        } catch (IOException | YamlEngineException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, "cannot read " + file + ": " + e.getMessage(), e);
        }
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return map;
        }
        throw new StageException(
                FailureCode.MODEL_MISMATCH, file + " must contain a mapping of names to values");
    }
}
