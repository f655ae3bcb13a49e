package dev.reelrank.client.config;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.AlignConfig;
import dev.reelrank.pipeline.config.GradeConfig;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Fills records from YAML nodes, component by component, over a base whose values stand where the
 * YAML says nothing.
 */
final class RecordReader {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");

    /** The names that a map may hold, where they are not free. */
    private static final Map<String, List<String>> NAMES =
            Map.of("grade.weights", GradeConfig.EVIDENCE, "align.guards", AlignConfig.GUARDS);

    private final IntFunction<String> where;
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    /**
     * @param where names a line of the source in errors
     */
    RecordReader(IntFunction<String> where) {
        this.where = where;
    }

    @SuppressWarnings("unchecked")
    <R extends Record> R read(MappingNode node, R base, String path) {
        return (R) read(node, (Class<R>) base.getClass(), base, path);
    }

    private Record read(
            MappingNode node, Class<? extends Record> type, @Nullable Record base, String path) {
        RecordComponent[] components = type.getRecordComponents();
        Map<String, Object> values = new LinkedHashMap<>();
        for (var c : components) {
            values.put(c.getName(), base == null ? null : value(c, base));
        }
        Set<String> seen = new HashSet<>();
        for (var entry : node.getValue()) {
            String key = key(entry.getKeyNode(), path, seen);
            String full = path.isEmpty() ? key : path + "." + key;
            lines.put(full, line(entry.getKeyNode()));
            if (key.equals("size") && values.containsKey("width")) {
                size(entry.getValueNode(), full, values);
                continue;
            }
            var component =
                    Arrays.stream(components).filter(c -> c.getName().equals(key)).findFirst();
            if (component.isEmpty()) {
                throw unknown(full, key, values.keySet(), entry.getKeyNode());
            }
            values.put(
                    key,
                    convert(
                            entry.getValueNode(),
                            component.get().getGenericType(),
                            values.get(key),
                            full));
        }
        return construct(type, components, values, path, node);
    }

    /** A key is a word, and stands once: of two, one would be dropped without a word. */
    private String key(Node node, String path, Set<String> seen) {
        if (!(node instanceof ScalarNode scalar)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s: a key%s must be a single word"
                            .formatted(
                                    where.apply(line(node)), path.isEmpty() ? "" : " in " + path));
        }
        String key = scalar.getValue();
        if (!seen.add(key)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s: the key '%s' occurs twice%s; keep one"
                            .formatted(
                                    where.apply(line(node)),
                                    key,
                                    path.isEmpty() ? "" : " in " + path));
        }
        return key;
    }

    private Object convert(Node node, Type type, @Nullable Object base, String path) {
        if (node.getTag().equals(Tag.NULL)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "%s: %s has no value; leave the key out to keep the default"
                            .formatted(where.apply(line(node)), path));
        }
        if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            if (isAuto(node)) {
                return absent();
            }
            if (!(node instanceof SequenceNode sequence)) {
                throw wrong(path, node, "a list such as [1, 2, 3]");
            }
            List<Object> items = new ArrayList<>();
            for (var item : sequence.getValue()) {
                items.add(convert(item, list.getActualTypeArguments()[0], null, path));
            }
            return items;
        }
        if (type instanceof ParameterizedType map && map.getRawType() == Map.class) {
            return map(node, map.getActualTypeArguments()[1], base, path);
        }
        Class<?> c = (Class<?>) type;
        if (c.isRecord()) {
            if (!(node instanceof MappingNode mapping)) {
                throw wrong(path, node, "keys of its own");
            }
            return read(mapping, c.asSubclass(Record.class), (Record) base, path);
        }
        if (!(node instanceof ScalarNode scalar)) {
            throw wrong(path, node, "a single value");
        }
        return scalar(scalar, c, path);
    }

    /** Named values over those of the base. */
    private Object map(Node node, Type type, @Nullable Object base, String path) {
        if (!(node instanceof MappingNode mapping)) {
            throw wrong(path, node, "keys of its own");
        }
        Map<String, Object> values = new LinkedHashMap<>();
        if (base instanceof Map<?, ?> before) {
            before.forEach((key, value) -> values.put((String) key, value));
        }
        Set<String> seen = new HashSet<>();
        for (var entry : mapping.getValue()) {
            String key = key(entry.getKeyNode(), path, seen);
            String full = path + "." + key;
            lines.put(full, line(entry.getKeyNode()));
            List<String> names = NAMES.getOrDefault(path, List.of(key));
            if (!names.contains(key)) {
                throw unknown(full, key, names, entry.getKeyNode());
            }
            values.put(key, convert(entry.getValueNode(), type, values.get(key), full));
        }
        return values;
    }

    @SuppressWarnings("NullAway")
    private Object scalar(ScalarNode node, Class<?> type, String path) {
        String text = node.getValue();
        if (type == String.class) {
            return text;
        }
        if (isAuto(node) && !type.isPrimitive()) {
            return absent();
        }
        try {
            if (type == int.class || type == Integer.class) {
                return Integer.valueOf(text);
            }
            if (type == long.class || type == Long.class) {
                return Long.valueOf(text);
            }
            if (type == double.class || type == Double.class) {
                Double number = Double.valueOf(text);
                if (!Double.isFinite(number)) {
                    throw wrong(path, node, "a finite number");
                }
                return number;
            }
        } catch (NumberFormatException e) {
            throw wrong(
                    path,
                    node,
                    type == double.class || type == Double.class
                            ? "a number"
                            : wholeNumber(type, text));
        }
        if (type == boolean.class) {
            if (text.equals("true") || text.equals("false")) {
                return Boolean.valueOf(text);
            }
            throw wrong(path, node, "true or false");
        }
        throw new IllegalStateException("no reader for " + type + " at " + path);
    }

    private static String wholeNumber(Class<?> type, String text) {
        if (!text.matches("[+-]?\\d+")) {
            return "a whole number";
        }
        boolean isInt = type == int.class || type == Integer.class;
        return "a whole number of at most " + (isInt ? Integer.MAX_VALUE : Long.MAX_VALUE);
    }

    private void size(Node node, String path, Map<String, Object> values) {
        String text = node instanceof ScalarNode s ? s.getValue() : "";
        var match = SIZE.matcher(text);
        if (isAuto(node)) {
            values.put("width", null);
            values.put("height", null);
        } else if (match.matches()) {
            values.put("width", Integer.valueOf(match.group(1)));
            values.put("height", Integer.valueOf(match.group(2)));
        } else {
            throw wrong(path, node, "WIDTHxHEIGHT, for example 1280x720, or auto");
        }
    }

    private Record construct(
            Class<? extends Record> type,
            RecordComponent[] components,
            Map<String, Object> values,
            String path,
            Node node) {
        try {
            var constructor =
                    type.getDeclaredConstructor(
                            Arrays.stream(components)
                                    .map(RecordComponent::getType)
                                    .toArray(Class<?>[]::new));
            for (var c : components) {
                if (values.get(c.getName()) == null && c.getType().isPrimitive()) {
                    throw new StageException(
                            FailureCode.INVALID_CONFIG,
                            "%s: %s lacks '%s'; give it a value, or leave %s out"
                                    .formatted(where.apply(line(node)), path, c.getName(), path));
                }
            }
            return constructor.newInstance(values.values().toArray());
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof StageException range) {
                throw new StageException(
                        range.code(),
                        place(String.valueOf(range.getMessage()), node) + range.getMessage(),
                        range);
            }
            if (e.getCause() instanceof NullPointerException missing) {
                throw new StageException(
                        FailureCode.INVALID_CONFIG,
                        "%s: %s is incomplete".formatted(where.apply(line(node)), path),
                        missing);
            }
            throw new IllegalStateException("cannot build " + type.getName(), e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot build " + type.getName(), e);
        }
    }

    /** The line of the key that a range message begins with, or of the section it stands in. */
    private String place(String message, Node section) {
        String key = message.split(" ", 2)[0];
        return where.apply(lines.getOrDefault(key, line(section))) + ": ";
    }

    private StageException unknown(String full, String key, Collection<String> known, Node node) {
        var names = new ArrayList<>(known);
        if (names.contains("width")) {
            names.add("size");
        }
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s: unknown key '%s'; did you mean '%s'?"
                        .formatted(where.apply(line(node)), full, Nearest.to(key, names)));
    }

    private StageException wrong(String path, Node node, String rule) {
        String found = node instanceof ScalarNode s ? "'" + s.getValue() + "'" : "something else";
        return new StageException(
                FailureCode.INVALID_CONFIG,
                "%s: %s must be %s, found %s"
                        .formatted(where.apply(line(node)), path, rule, found));
    }

    private static boolean isAuto(Node node) {
        return node instanceof ScalarNode s && s.getValue().equals("auto");
    }

    @SuppressWarnings("NullAway")
    private static Object absent() {
        return null;
    }

    private static int line(Node node) {
        return node.getStartMark().map(m -> m.getLine() + 1).orElse(0);
    }

    private static Object value(RecordComponent c, Record r) {
        try {
            return c.getAccessor().invoke(r);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("cannot read " + c, e);
        }
    }
}
