package dev.reelrank.worker.models;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Reads a small YAML or JSON file whose top is a mapping. */
final class Yaml {
    private Yaml() {}

    static Map<?, ?> map(Path file) {
        Object value;
        try {
            value =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build())
                            .loadFromString(Files.readString(file));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // The parser answers damaged text with every kind of exception.
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
