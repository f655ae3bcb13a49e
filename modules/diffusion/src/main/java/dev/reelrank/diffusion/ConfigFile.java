package dev.reelrank.diffusion;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model's JSON configuration; what is missing or of the wrong kind is an error that names it. */
public final class ConfigFile {
    private final Path path;
    private final JsonNode json;

    private ConfigFile(Path path, JsonNode json) {
        this.path = path;
        this.json = json;
    }

    public static ConfigFile read(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new StageException(
                    FailureCode.MODEL_MISSING, "no file " + path + ": the snapshot is incomplete");
        }
        try {
            return new ConfigFile(path, new ObjectMapper().readTree(path.toFile()));
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISMATCH, path + " is no readable JSON", e);
        }
    }

    public Path path() {
        return path;
    }

    public boolean has(String key) {
        return json.hasNonNull(key);
    }

    public long integer(String key) {
        JsonNode node = json.path(key);
        if (!node.isIntegralNumber() || node.asLong() < 1) {
            throw wrong(key, "a positive whole number");
        }
        return node.asLong();
    }

    public long integer(String key, long otherwise) {
        return has(key) ? integer(key) : otherwise;
    }

    public double number(String key, double otherwise) {
        if (!has(key)) {
            return otherwise;
        }
        if (!json.path(key).isNumber()) {
            throw wrong(key, "a number");
        }
        return json.path(key).asDouble();
    }

    public boolean flag(String key, boolean otherwise) {
        return has(key) ? json.path(key).asBoolean() : otherwise;
    }

    public @Nullable String text(String key) {
        return has(key) ? json.path(key).asText() : null;
    }

    public double[] numbers(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray() || node.isEmpty()) {
            throw wrong(key, "a list of numbers");
        }
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    public boolean[] flags(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray()) {
            throw wrong(key, "a list of true and false");
        }
        boolean[] values = new boolean[node.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = node.get(i).asBoolean();
        }
        return values;
    }

    /** The keys among these that have a value other than null, false, empty or 1. */
    public List<String> setOf(String... keys) {
        var found = new ArrayList<String>();
        for (String key : keys) {
            JsonNode node = json.path(key);
            boolean unset =
                    node.isMissingNode()
                            || node.isNull()
                            || (node.isBoolean() && !node.asBoolean())
                            || (node.isArray() && node.isEmpty())
                            || (node.isNumber() && node.asDouble() == 1);
            if (!unset) {
                found.add(key + "=" + node);
            }
        }
        return found;
    }

    /** The class name of a part in a model_index.json, null if the part is absent. */
    public @Nullable String part(String key) {
        JsonNode node = json.path(key);
        return node.isArray() && node.size() == 2 && node.get(1).isTextual()
                ? node.get(1).asText()
                : null;
    }

    public StageException wrong(String key, String needed) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s: %s must be %s, is %s".formatted(path, key, needed, json.path(key)));
    }

    public StageException unsupported(String what) {
        return new StageException(
                FailureCode.MODEL_MISMATCH, path + " describes a model with " + what);
    }
}
