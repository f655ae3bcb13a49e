package dev.reelrank.diffusion;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.GitLfsPointer;
import dev.reelrank.pipeline.StageException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** A model's JSON configuration; what is missing or of the wrong kind is an error that names it. */
public final class ConfigFile {
    private static final ObjectMapper JSON =
            JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

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
        GitLfsPointer.refuse(path);
        try {
            return new ConfigFile(path, JSON.readTree(path.toFile()));
        } catch (JsonProcessingException e) {
            throw new StageException(
                    FailureCode.MODEL_MISMATCH,
                    path + " is not readable JSON: " + e.getOriginalMessage(),
                    e);
        } catch (IOException e) {
            throw new StageException(FailureCode.MODEL_MISMATCH, path + " cannot be read", e);
        }
    }

    /**
     * A configuration that comes with the program.
     *
     * @param owner the class beside which it lies
     */
    public static ConfigFile resource(Class<?> owner, String name) {
        try (var stream = owner.getResourceAsStream(name)) {
            if (stream == null) {
                throw new IllegalArgumentException("no " + name + " beside " + owner.getName());
            }
            return new ConfigFile(Path.of(name), JSON.readTree(stream));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + name, e);
        }
    }

    /** The object under a key, which must be there. */
    public ConfigFile child(String key) {
        if (!json.path(key).isObject()) {
            throw wrong(key, "an object");
        }
        return new ConfigFile(path, json.path(key));
    }

    /**
     * The pipeline that a folder's {@code model_index.json} names; empty if there is no such file
     * or it names none.
     */
    public static Optional<String> pipelineClass(Path folder) {
        Path index = folder.resolve("model_index.json");
        if (!Files.isRegularFile(index)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(read(index).text("_class_name"));
        } catch (StageException e) {
            // Not readable: opening the folder reports the error.
            return Optional.empty();
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
        if (!node.canConvertToInt() || !node.isIntegralNumber() || node.asLong() < 1) {
            throw wrong(key, "a positive whole number below 2^31");
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
        if (!isFiniteNumber(json.path(key))) {
            throw wrong(key, "a finite number");
        }
        return json.path(key).asDouble();
    }

    /** A null that stands there is refused: the original libraries take it for false. */
    public boolean flag(String key, boolean otherwise) {
        if (json.path(key).isMissingNode()) {
            return otherwise;
        }
        if (!json.path(key).isBoolean()) {
            throw wrong(key, "true or false");
        }
        return json.path(key).asBoolean();
    }

    public @Nullable String text(String key) {
        if (!has(key)) {
            return null;
        }
        if (!json.path(key).isTextual()) {
            throw wrong(key, "a text");
        }
        return json.path(key).asText();
    }

    public double[] numbers(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray() || node.isEmpty()) {
            throw wrong(key, "a list of numbers");
        }
        double[] values = new double[node.size()];
        for (int i = 0; i < values.length; i++) {
            if (!isFiniteNumber(node.get(i))) {
                throw wrong(key, "a list of finite numbers");
            }
            values[i] = node.get(i).asDouble();
        }
        return values;
    }

    /** A list of exactly this many numbers. */
    public double[] numbers(String key, long count) {
        double[] values = numbers(key);
        if (values.length != count) {
            throw wrong(key, "a list of " + count + " numbers");
        }
        return values;
    }

    /** A list of positive whole numbers. */
    public long[] integers(String key) {
        double[] values = numbers(key);
        long[] integers = new long[values.length];
        for (int i = 0; i < values.length; i++) {
            integers[i] = (long) values[i];
            if (integers[i] != values[i] || integers[i] < 1 || integers[i] > Integer.MAX_VALUE) {
                throw wrong(key, "a list of positive whole numbers below 2^31");
            }
        }
        return integers;
    }

    /**
     * A positive whole number for each of several parts; a single number stands for all of them.
     *
     * @param count of the parts
     */
    public List<Long> each(String key, int count, long otherwise) {
        if (!json.path(key).isArray()) {
            return Collections.nCopies(count, integer(key, otherwise));
        }
        long[] values = integers(key);
        if (values.length != count) {
            throw wrong(key, "one number or a list of " + count);
        }
        return LongStream.of(values).boxed().toList();
    }

    /** A list of texts. */
    public List<String> texts(String key) {
        JsonNode node = json.path(key);
        var values = new ArrayList<String>();
        node.forEach(value -> values.add(value.isTextual() ? value.asText() : ""));
        if (!node.isArray() || values.isEmpty() || values.contains("")) {
            throw wrong(key, "a list of texts");
        }
        return values;
    }

    /**
     * Accepts a text that is not there or is the only one that is supported.
     *
     * @throws StageException MODEL_MISMATCH for another one
     */
    public void require(String key, String only) {
        String said = text(key);
        if (said != null && !said.equals(only)) {
            throw wrong(key, only);
        }
    }

    /** JSON has no infinity, but 1e999 is read as one. */
    private static boolean isFiniteNumber(JsonNode node) {
        return node.isNumber() && Double.isFinite(node.asDouble());
    }

    public boolean[] flags(String key) {
        JsonNode node = json.path(key);
        if (!node.isArray()) {
            throw wrong(key, "a list of true and false");
        }
        boolean[] values = new boolean[node.size()];
        for (int i = 0; i < values.length; i++) {
            if (!node.get(i).isBoolean()) {
                throw wrong(key, "a list of true and false");
            }
            values[i] = node.get(i).asBoolean();
        }
        return values;
    }

    /** The objects of a list; none if there is no such key. */
    public List<ConfigFile> children(String key) {
        JsonNode node = json.path(key);
        if (!node.isMissingNode() && !node.isArray()) {
            throw wrong(key, "a list");
        }
        var children = new ArrayList<ConfigFile>();
        node.forEach(child -> children.add(new ConfigFile(path, child)));
        return children;
    }

    /** The keys that have a null for their value. */
    public List<String> nulls() {
        var found = new ArrayList<String>();
        json.properties()
                .forEach(
                        entry -> {
                            if (entry.getValue().isNull()) {
                                found.add(entry.getKey());
                            }
                        });
        return found;
    }

    /**
     * Refuses keys that nobody reads, in a file of our own format.
     *
     * @throws StageException MODEL_MISMATCH naming the first of them
     */
    public void requireOnly(Collection<String> known) {
        for (var entry : json.properties()) {
            if (!known.contains(entry.getKey())) {
                throw new StageException(
                        FailureCode.MODEL_MISMATCH,
                        "%s: there is no key '%s'; the keys are %s"
                                .formatted(path, entry.getKey(), known));
            }
        }
    }

    /** The keys among these that have a value other than null, false or empty. */
    public List<String> setOf(String... keys) {
        var found = new ArrayList<String>();
        for (String key : keys) {
            JsonNode node = json.path(key);
            boolean unset =
                    node.isMissingNode()
                            || node.isNull()
                            || (node.isBoolean() && !node.asBoolean())
                            || (node.isArray() && node.isEmpty());
            if (!unset) {
                found.add(key + "=" + node);
            }
        }
        return found;
    }

    /**
     * The class name of a part in a model_index.json, null if the part is absent.
     *
     * @throws StageException MODEL_MISMATCH for an entry that says neither
     */
    public @Nullable String part(String key) {
        JsonNode node = json.path(key);
        if (node.isMissingNode() || node.isNull()) {
            return null;
        }
        boolean pair = node.isArray() && node.size() == 2;
        if (pair && node.get(0).isNull() && node.get(1).isNull()) {
            return null;
        }
        if (!pair || !node.get(0).isTextual() || !node.get(1).isTextual()) {
            throw wrong(key, "the names of a library and a class, or two nulls");
        }
        return node.get(1).asText();
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
