package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JSON object of a model's files, with its file, so that every complaint names both. */
record ModelJson(Path file, JsonNode node) {
    ModelJson(Path file) {
        this(file, parse(file));
    }

    private static JsonNode parse(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " cannot be read as JSON", e);
        }
    }

    ModelJson child(String key) {
        if (!node.path(key).isObject()) {
            throw new StageException(FailureCode.MODEL_MISMATCH, file + " has no " + key);
        }
        return new ModelJson(file, node.path(key));
    }

    int integer(String key) {
        if (!node.path(key).isInt()) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH, file + " has no whole number " + key);
        }
        return node.path(key).asInt();
    }

    /** A list of whole numbers, or one of them; empty if there is none. */
    static List<Integer> integers(JsonNode node) {
        var values = new ArrayList<Integer>();
        if (node.isInt()) {
            values.add(node.asInt());
        }
        node.forEach(item -> values.add(item.asInt()));
        return values;
    }

    void require(boolean holds, String problem) {
        if (!holds) {
            throw new StageException(FailureCode.MODEL_MISMATCH, file + ": " + problem);
        }
    }

    void requireText(String key, String only) {
        var value = node.path(key).asText(only);
        if (!value.equals(only)) {
            throw mismatch(key, value, only);
        }
    }

    StageException mismatch(String key, String value, String only) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s: %s is '%s', but only '%s' is supported".formatted(file, key, value, only));
    }
}
