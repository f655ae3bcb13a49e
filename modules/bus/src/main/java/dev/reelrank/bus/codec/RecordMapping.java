package dev.reelrank.bus.codec;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.jspecify.annotations.Nullable;

/** A record, component by component: every field of the schema has one of the same name. */
final class RecordMapping implements Mapping {
    private final Schema schema;
    private final Class<?> type;
    private final Constructor<?> constructor;
    private final List<Method> accessors = new ArrayList<>();

    /** By component; the position of its field in the schema. */
    private int[] positions = {};

    private List<Mapping> mappings = List.of();

    RecordMapping(Schema schema, Class<?> type) {
        this.schema = schema;
        this.type = type;
        try {
            var types = new ArrayList<Class<?>>();
            for (RecordComponent component : type.getRecordComponents()) {
                types.add(component.getType());
                accessors.add(component.getAccessor());
            }
            constructor = type.getDeclaredConstructor(types.toArray(Class<?>[]::new));
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException(
                    "every record has its canonical constructor: " + type.getName(), e);
        }
    }

    /** Maps the components; apart from the constructor so that schemas may refer to themselves. */
    void compile(MappingCompiler compiler) {
        RecordComponent[] components = type.getRecordComponents();
        var fields = new LinkedHashMap<String, Schema.Field>();
        schema.getFields().forEach(field -> fields.put(field.name(), field));
        positions = new int[components.length];
        var compiled = new ArrayList<Mapping>();
        for (int i = 0; i < components.length; i++) {
            String name = components[i].getName();
            Schema.Field field = fields.remove(name);
            if (field == null) {
                throw new MappingException(
                        "schema %s lacks a field for the component '%s' of %s"
                                .formatted(schema.getFullName(), name, type.getName()));
            }
            positions[i] = field.pos();
            compiled.add(
                    compiler.component(
                            field.schema(), components[i], schema.getFullName() + "." + name));
        }
        if (!fields.isEmpty()) {
            throw new MappingException(
                    "schema %s has fields that are no components of %s: %s"
                            .formatted(schema.getFullName(), type.getName(), fields.keySet()));
        }
        mappings = List.copyOf(compiled);
    }

    Class<?> type() {
        return type;
    }

    Schema schema() {
        return schema;
    }

    @Override
    public Object toAvro(@Nullable Object java) {
        if (!type.isInstance(java)) {
            throw new IllegalArgumentException(
                    "schema %s expects a %s, not a %s"
                            .formatted(
                                    schema.getFullName(),
                                    type.getName(),
                                    java == null ? "null" : java.getClass().getName()));
        }
        var record = new GenericData.Record(schema);
        for (int i = 0; i < positions.length; i++) {
            try {
                record.put(positions[i], mappings.get(i).toAvro(accessors.get(i).invoke(java)));
            } catch (NullPointerException e) {
                throw new IllegalArgumentException(
                        accessors.get(i).getName() + " of " + type.getName() + " is null", e);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException("cannot read " + accessors.get(i), e);
            }
        }
        return record;
    }

    @Override
    public Object toJava(@Nullable Object avro) {
        var record = (IndexedRecord) Objects.requireNonNull(avro, "record is null");
        var values = new Object[positions.length];
        for (int i = 0; i < positions.length; i++) {
            values[i] = mappings.get(i).toJava(record.get(positions[i]));
        }
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException e) {
            throw new IllegalArgumentException(
                    "%s rejects its values: %s".formatted(type.getName(), e.getCause()),
                    e.getCause());
        } catch (InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException("cannot make a " + type.getName(), e);
        }
    }
}
