package dev.reelrank.qwen;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
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
        GitLfsPointer.refuse(file);
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
            throw new StageException(FailureCode.MODEL_MISMATCH, file + " has no integer " + key);
        }
        return node.path(key).asInt();
    }

    /** A count or a size: a whole number of at least 1. */
    int positive(String key) {
        int value = integer(key);
        require(value > 0, key + " is " + value + ", but has to be at least 1");
        return value;
    }

    /** Whether a key has a value; null stands for none, as transformers writes it. */
    private boolean has(String key) {
        return node.hasNonNull(key);
    }

    /** An object that may be left out. */
    ModelJson section(String key) {
        if (has(key) && !node.path(key).isObject()) {
            throw wrong(key, "an object");
        }
        return new ModelJson(file, has(key) ? node.path(key) : MissingNode.getInstance());
    }

    int integer(String key, int otherwise) {
        if (has(key) && !node.path(key).isInt()) {
            throw wrong(key, "a whole number");
        }
        return has(key) ? node.path(key).asInt() : otherwise;
    }

    double number(String key, double otherwise) {
        return has(key) ? number(key, node.path(key)) : otherwise;
    }

    private double number(String key, JsonNode value) {
        if (!value.isNumber() || !Double.isFinite(value.asDouble())) {
            throw wrong(key, "a finite number");
        }
        return value.asDouble();
    }

    boolean flag(String key, boolean otherwise) {
        if (has(key) && !node.path(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return has(key) ? node.path(key).asBoolean() : otherwise;
    }

    /** A list of whole numbers, or one of them; empty if there is none. */
    List<Integer> integers(String key) {
        var values = new ArrayList<Integer>();
        if (!has(key)) {
            return values;
        }
        var listed = node.path(key).isArray() ? node.path(key) : List.of(node.path(key));
        for (var item : listed) {
            if (!item.isInt()) {
                throw wrong(key, "whole numbers");
            }
            values.add(item.asInt());
        }
        return values;
    }

    /** A list of exactly this many numbers; empty if there is none. */
    List<Double> numbers(String key, int count) {
        var values = new ArrayList<Double>();
        if (!has(key)) {
            return values;
        }
        require(
                node.path(key).isArray() && node.path(key).size() == count,
                "%s has to hold %d numbers".formatted(key, count));
        node.path(key).forEach(item -> values.add(number(key, item)));
        return values;
    }

    private StageException wrong(String key, String needed) {
        return new StageException(
                FailureCode.MODEL_MISMATCH,
                "%s: %s must be %s, is %s".formatted(file, key, needed, node.path(key)));
    }

    void require(boolean holds, String problem) {
        if (!holds) {
            throw new StageException(FailureCode.MODEL_MISMATCH, file + ": " + problem);
        }
    }

    /**
     * Refuses a setting that would change the result and is not computed here.
     *
     * @param neutral the one value that changes nothing; a key that is not there or null is neutral
     */
    void requireNeutral(String key, Object neutral) {
        var value = node.path(key);
        if (value.isMissingNode() || value.isNull()) {
            return;
        }
        boolean same =
                neutral instanceof Number number
                        ? value.isNumber()
                                && Math.abs(value.asDouble() - number.doubleValue()) < 1e-6
                        : value.isBoolean() && neutral.equals(value.asBoolean());
        if (!same) {
            throw mismatch(key, value.toString(), neutral.toString());
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
