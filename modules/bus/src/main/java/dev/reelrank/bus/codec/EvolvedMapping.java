package dev.reelrank.bus.codec;

import dev.reelrank.pipeline.StageName;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/**
 * A component whose type on the wire has changed. Avro cannot turn one type into another, but a
 * union reads what was written as any of its branches; so the schema is a union of the former type
 * and the present one, and the present one, its last branch, is written.
 */
final class EvolvedMapping {
    private EvolvedMapping() {}

    /** The mapping of such a union, null if the schema is another one. */
    static @Nullable Mapping of(Schema union, Type type, String path) {
        if (type == StageName.class) {
            require(union, path, Schema.Type.ENUM, Schema.Type.STRING);
            return new StageNames();
        }
        if (isNumbersByName(type) && union.getTypes().get(0).getType() == Schema.Type.RECORD) {
            require(union, path, Schema.Type.RECORD, Schema.Type.MAP);
            return new NumbersByName();
        }
        return null;
    }

    private static void require(
            Schema union, String path, Schema.Type former, Schema.Type present) {
        var branches = union.getTypes();
        if (branches.size() != 2
                || branches.get(0).getType() != former
                || branches.get(1).getType() != present) {
            throw new MappingException(
                    "%s must be a union of %s, as it was written earlier, and %s"
                            .formatted(path, former.getName(), present.getName()));
        }
    }

    /** An enumeration once; its symbols are still what is written. */
    private record StageNames() implements Mapping {
        @Override
        public Object toAvro(@Nullable Object java) {
            return ((StageName) Objects.requireNonNull(java, "stage is null")).symbol();
        }

        @Override
        public Object toJava(@Nullable Object avro) {
            return StageName.ofSymbol(Objects.requireNonNull(avro, "stage is null").toString());
        }
    }

    private static boolean isNumbersByName(Type type) {
        return type instanceof ParameterizedType map
                && map.getRawType() == Map.class
                && map.getActualTypeArguments()[1] == Double.class;
    }

    /** A record of numbers once. */
    private record NumbersByName() implements Mapping {
        @Override
        public Object toAvro(@Nullable Object java) {
            return Objects.requireNonNull(java, "map is null");
        }

        @Override
        public Object toJava(@Nullable Object avro) {
            var numbers = new LinkedHashMap<String, Double>();
            if (avro instanceof IndexedRecord former) {
                for (Schema.Field field : former.getSchema().getFields()) {
                    numbers.put(field.name(), (Double) former.get(field.pos()));
                }
            } else {
                ((Map<?, ?>) Objects.requireNonNull(avro, "map is null"))
                        .forEach((name, number) -> numbers.put(name.toString(), (Double) number));
            }
            return numbers;
        }
    }
}
