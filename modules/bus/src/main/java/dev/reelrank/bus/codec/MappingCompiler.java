package dev.reelrank.bus.codec;

import java.lang.reflect.AnnotatedType;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Makes mappings and checks them: every component has a field of its type, what may be null in one
 * may be null in the other, every class of a sealed type has its branch.
 */
final class MappingCompiler {
    private static final Map<Class<?>, Class<?>> BOXES =
            Map.of(
                    int.class, Integer.class,
                    long.class, Long.class,
                    double.class, Double.class,
                    boolean.class, Boolean.class);

    private final Map<String, RecordMapping> records = new HashMap<>();

    /** The mapping of a record schema to the class that it names. */
    RecordMapping record(Schema schema) {
        RecordMapping known = records.get(schema.getFullName());
        if (known != null) {
            return known;
        }
        var mapping = new RecordMapping(schema, recordClass(schema));
        records.put(schema.getFullName(), mapping);
        mapping.compile(this);
        return mapping;
    }

    Mapping component(Schema schema, RecordComponent component, String path) {
        boolean nullable = isNullable(component.getAnnotatedType());
        boolean optional = schema.isUnion() && schema.isNullable();
        if (nullable != optional) {
            throw new MappingException(
                    path
                            + (nullable
                                    ? " may be null in Java, but not in the schema: make it a union with null, default null"
                                    : " may be null in the schema, but not in Java: mark the component @Nullable"));
        }
        return of(schema, component.getGenericType(), path);
    }

    private Mapping of(Schema schema, Type type, String path) {
        return switch (schema.getType()) {
            case UNION -> union(schema, type, path);
            case RECORD -> checked(record(schema), raw(type), path);
            case ARRAY -> list(schema, type, path);
            case MAP -> map(schema, type, path);
            default -> {
                Mapping scalar = ScalarMapping.of(schema, boxed(raw(type)), path);
                if (scalar == null) {
                    throw new MappingException(path + ": no mapping for schema " + schema);
                }
                yield scalar;
            }
        };
    }

    private Mapping union(Schema schema, Type type, String path) {
        Mapping evolved = EvolvedMapping.of(schema, type, path);
        if (evolved != null) {
            return evolved;
        }
        var branches = new ArrayList<Schema>(schema.getTypes());
        boolean optional = branches.removeIf(s -> s.getType() == Schema.Type.NULL);
        Mapping mapping;
        if (branches.size() == 1) {
            mapping = of(branches.get(0), type, path);
        } else {
            var records = new ArrayList<RecordMapping>();
            for (Schema branch : branches) {
                records.add(checked(record(branch), raw(type), path));
            }
            checkComplete(raw(type), records, path);
            mapping = new UnionMapping(records);
        }
        return optional ? new OptionalMapping(mapping) : mapping;
    }

    private static void checkComplete(Class<?> type, List<RecordMapping> branches, String path) {
        if (!type.isSealed()) {
            return;
        }
        var missing = new HashSet<>(Arrays.asList(type.getPermittedSubclasses()));
        branches.forEach(branch -> missing.remove(branch.type()));
        if (!missing.isEmpty()) {
            throw new MappingException(path + ": the union has no branch for " + missing);
        }
    }

    private Mapping list(Schema schema, Type type, String path) {
        requireRaw(List.class, type, path);
        Mapping item = of(schema.getElementType(), argument(type, 0), path + "[]");
        return new ListMapping(item);
    }

    private Mapping map(Schema schema, Type type, String path) {
        requireRaw(Map.class, type, path);
        if (argument(type, 0) != String.class) {
            throw new MappingException(path + ": the keys of a map are strings");
        }
        return new MapMapping(of(schema.getValueType(), argument(type, 1), path + "{}"));
    }

    private static RecordMapping checked(RecordMapping mapping, Class<?> type, String path) {
        if (!type.isAssignableFrom(mapping.type())) {
            throw new MappingException(
                    "%s is %s in Java, but its schema describes %s"
                            .formatted(path, type.getName(), mapping.type().getName()));
        }
        return mapping;
    }

    private static void requireRaw(Class<?> expected, Type type, String path) {
        if (raw(type) != expected) {
            throw new MappingException(
                    path
                            + " is a "
                            + expected.getSimpleName()
                            + " exists in its schema, but not in Java");
        }
    }

    /** The class that a schema stands for: its property {@code javaRecord}, else its name. */
    static Class<?> recordClass(Schema schema) {
        String property = schema.getProp("javaRecord");
        String canonical = property == null ? schema.getFullName() : property;
        String name = canonical;
        while (true) {
            try {
                Class<?> found = Class.forName(name);
                if (!found.isRecord()) {
                    throw new MappingException(name + " is no record");
                }
                return found;
            } catch (ClassNotFoundException e) {
                int dot = name.lastIndexOf('.');
                if (dot < 0) {
                    throw new MappingException(
                            "schema "
                                    + schema.getFullName()
                                    + " stands for "
                                    + canonical
                                    + ", which is not a class; name the record in its property \"javaRecord\"");
                }
                // A nested class: its canonical name has a dot where its binary name has a dollar.
                name = name.substring(0, dot) + '$' + name.substring(dot + 1);
            }
        }
    }

    private static boolean isNullable(AnnotatedType type) {
        return type.isAnnotationPresent(Nullable.class);
    }

    private static Class<?> boxed(Class<?> type) {
        return BOXES.getOrDefault(type, type);
    }

    private static Class<?> raw(Type type) {
        return (Class<?>) (type instanceof ParameterizedType p ? p.getRawType() : type);
    }

    private static Type argument(Type type, int index) {
        return ((ParameterizedType) type).getActualTypeArguments()[index];
    }

    private record OptionalMapping(Mapping mapping) implements Mapping {
        @Override
        public @Nullable Object toAvro(@Nullable Object java) {
            return java == null ? null : mapping.toAvro(java);
        }

        @Override
        public @Nullable Object toJava(@Nullable Object avro) {
            return avro == null ? null : mapping.toJava(avro);
        }
    }

    private record ListMapping(Mapping item) implements Mapping {
        @Override
        public Object toAvro(@Nullable Object java) {
            var list = new ArrayList<@Nullable Object>();
            ((List<?>) Objects.requireNonNull(java)).forEach(v -> list.add(item.toAvro(v)));
            return list;
        }

        @Override
        public Object toJava(@Nullable Object avro) {
            var list = new ArrayList<@Nullable Object>();
            ((Iterable<?>) Objects.requireNonNull(avro)).forEach(v -> list.add(item.toJava(v)));
            return list;
        }
    }

    private record MapMapping(Mapping value) implements Mapping {
        @Override
        public Object toAvro(@Nullable Object java) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            ((Map<?, ?>) Objects.requireNonNull(java))
                    .forEach((k, v) -> map.put((String) k, value.toAvro(v)));
            return map;
        }

        @Override
        public Object toJava(@Nullable Object avro) {
            var map = new LinkedHashMap<String, @Nullable Object>();
            ((Map<?, ?>) Objects.requireNonNull(avro))
                    .forEach((k, v) -> map.put(k.toString(), value.toJava(v)));
            return map;
        }
    }
}
