package dev.reelrank.bus.codec;

import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.jspecify.annotations.Nullable;

/** Numbers, text, bytes, times and enumerations. */
record ScalarMapping(UnaryOperator<Object> writer, UnaryOperator<Object> reader)
        implements Mapping {
    private static final ScalarMapping SAME =
            new ScalarMapping(UnaryOperator.identity(), UnaryOperator.identity());
    private static final ScalarMapping TEXT =
            new ScalarMapping(UnaryOperator.identity(), Object::toString);
    private static final ScalarMapping BYTES =
            new ScalarMapping(v -> ByteBuffer.wrap((byte[]) v), v -> bytes((ByteBuffer) v));
    private static final ScalarMapping INSTANT =
            new ScalarMapping(v -> micros((Instant) v), v -> instant((Long) v));

    private static final Map<Schema.Type, Class<?>> CLASSES =
            Map.of(
                    Schema.Type.STRING, String.class,
                    Schema.Type.INT, Integer.class,
                    Schema.Type.LONG, Long.class,
                    Schema.Type.DOUBLE, Double.class,
                    Schema.Type.BOOLEAN, Boolean.class,
                    Schema.Type.BYTES, byte[].class);

    /** The mapping of a scalar schema, null if the schema is none. */
    static @Nullable Mapping of(Schema schema, Class<?> type, String path) {
        if (schema.getType() == Schema.Type.ENUM) {
            return enumeration(schema, type, path);
        }
        Class<?> expected = CLASSES.get(schema.getType());
        if (expected == null) {
            return null;
        }
        boolean time = schema.getLogicalType() instanceof LogicalTypes.TimestampMicros;
        if (time) {
            expected = Instant.class;
        }
        if (expected != type) {
            throw new MappingException(
                    path + " is " + type.getName() + " in Java, but its schema is " + schema);
        }
        return switch (schema.getType()) {
            case STRING -> TEXT;
            case BYTES -> BYTES;
            default -> time ? INSTANT : SAME;
        };
    }

    private static Mapping enumeration(Schema schema, Class<?> type, String path) {
        if (!type.isEnum()) {
            throw new MappingException(path + " is no enumeration: " + type.getName());
        }
        var constants = new HashMap<String, Object>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(((Enum<?>) constant).name(), constant);
        }
        if (!constants.keySet().equals(Set.copyOf(schema.getEnumSymbols()))) {
            throw new MappingException(
                    "%s: the symbols of schema %s are %s, the constants of %s are %s"
                            .formatted(
                                    path,
                                    schema.getFullName(),
                                    schema.getEnumSymbols(),
                                    type.getName(),
                                    constants.keySet()));
        }
        return new ScalarMapping(
                v -> new GenericData.EnumSymbol(schema, ((Enum<?>) v).name()),
                v -> constants.get(v.toString()));
    }

    @Override
    public Object toAvro(@Nullable Object java) {
        return writer.apply(Objects.requireNonNull(java, "value is null"));
    }

    @Override
    public Object toJava(@Nullable Object avro) {
        return reader.apply(Objects.requireNonNull(avro, "value is null"));
    }

    private static byte[] bytes(ByteBuffer buffer) {
        var bytes = new byte[buffer.remaining()];
        buffer.duplicate().get(bytes);
        return bytes;
    }

    private static Long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
