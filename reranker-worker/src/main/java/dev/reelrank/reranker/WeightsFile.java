package dev.reelrank.reranker;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RankingConfig.Weights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/**
 * Weights from a small YAML or JSON file: a mapping of {@code identity}, {@code concentration},
 * {@code temporal}, {@code brightnessDrift}, {@code duplicateSubject}, {@code motion}, {@code
 * geometry} to numbers 0..1. What it leaves out keeps its default.
 */
final class WeightsFile {
    private static final List<String> KEYS =
            List.of(
                    "identity",
                    "concentration",
                    "temporal",
                    "brightnessDrift",
                    "duplicateSubject",
                    "motion",
                    "geometry");

    private WeightsFile() {}

    /**
     * @throws StageException INVALID_CONFIG for an unreadable file, an unknown key or a value that
     *     is no number or out of range
     */
    static Weights read(Path file, Weights defaults) {
        var values = new TreeMap<String, Double>();
        values.put("identity", defaults.identity());
        values.put("concentration", defaults.concentration());
        values.put("temporal", defaults.temporal());
        values.put("brightnessDrift", defaults.brightnessDrift());
        values.put("duplicateSubject", defaults.duplicateSubject());
        if (defaults.motion() != null) {
            values.put("motion", defaults.motion());
        }
        if (defaults.geometry() != null) {
            values.put("geometry", defaults.geometry());
        }
        for (var entry : mapping(file).entrySet()) {
            var key = String.valueOf(entry.getKey());
            if (!KEYS.contains(key)) {
                throw invalid(file, "unknown weight '" + key + "', known are " + KEYS);
            }
            if (!(entry.getValue() instanceof Number number)) {
                throw invalid(file, key + " must be a number, was '" + entry.getValue() + "'");
            }
            values.put(key, number.doubleValue());
        }
        return new Weights(
                values.get("identity"),
                values.get("concentration"),
                values.get("temporal"),
                values.get("brightnessDrift"),
                values.get("duplicateSubject"),
                values.get("motion"),
                values.get("geometry"));
    }

    private static Map<?, ?> mapping(Path file) {
        Object value;
        try {
            value =
                    new Load(LoadSettings.builder().setLabel(file.toString()).build())
                            .loadFromString(Files.readString(file));
        } catch (IOException | RuntimeException | StackOverflowError e) {
            // The parser answers damaged text with every kind of exception.
            throw invalid(file, String.valueOf(e.getMessage()));
        }
        if (value instanceof Map<?, ?> map) {
            return map.get("weights") instanceof Map<?, ?> nested ? nested : map;
        }
        throw invalid(file, "it must contain a mapping of weights to numbers");
    }

    private static StageException invalid(Path file, String why) {
        return new StageException(FailureCode.INVALID_CONFIG, "weights file " + file + ": " + why);
    }
}
