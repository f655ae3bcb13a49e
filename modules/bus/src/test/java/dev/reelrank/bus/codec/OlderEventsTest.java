package dev.reelrank.bus.codec;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.IndexedRecord;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.jspecify.annotations.Nullable;

/** What stands on topics and in stores since earlier builds is read as it was meant. */
class OlderEventsTest {
    private static final EventCodec CODEC = new EventCodec();
    private static final SchemaCatalog CATALOG = SchemaCatalog.load(Stages.STANDARD);
    private static final GenericData DATA = new GenericData();

    @Property(tries = 30)
    void shouldReadEveryEventInEveryVersionThatWasEverPublished(@ForAll long seed)
            throws IOException {
        for (Event event : new RandomEvents(seed).oneOfEach()) {
            GenericRecord now = record(CODEC.encode(event));
            for (long fingerprint : CATALOG.published()) {
                Schema version = CATALOG.published(fingerprint);
                if (version.getFullName().equals(now.getSchema().getFullName())) {
                    GenericRecord then;
                    try {
                        then = (GenericRecord) as(version, now);
                    } catch (UnknownThenException e) {
                        continue;
                    }
                    assertThat(CODEC.decode(bytes(version, then)))
                            .as(
                                    "written as %s",
                                    SchemaCatalog.hex(SchemaCatalog.fingerprint(version)))
                            .usingRecursiveComparison()
                            .withEqualsForType(Double::equals, Double.class)
                            .isEqualTo(
                                    CODEC.decode(
                                            bytes(
                                                    now.getSchema(),
                                                    (GenericRecord) as(now.getSchema(), then))));
                }
            }
        }
    }

    /** The value speaks of a stage that builds of that version did not have. */
    private static final class UnknownThenException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        UnknownThenException(String message) {
            super(message);
        }
    }

    private static GenericRecord record(byte[] bytes) throws IOException {
        for (Schema schema : CATALOG.events().values()) {
            var decoder = new BinaryMessageDecoder<GenericRecord>(DATA, schema);
            try {
                return decoder.decode(bytes);
            } catch (org.apache.avro.message.MissingSchemaException e) {
                // another event's schema
            }
        }
        throw new AssertionError("no current schema for the bytes");
    }

    private static byte[] bytes(Schema schema, GenericRecord value) throws IOException {
        var buffer = new BinaryMessageEncoder<GenericRecord>(DATA, schema).encode(value);
        var bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }

    /** The value as a build of that version writes it. */
    private static @Nullable Object as(Schema schema, @Nullable Object value) {
        return switch (schema.getType()) {
            case RECORD -> {
                var record = new GenericData.Record(schema);
                for (Schema.Field field : schema.getFields()) {
                    record.put(field.pos(), as(field.schema(), component(value, field)));
                }
                yield record;
            }
            case UNION -> value == null ? null : as(branch(schema, value), value);
            case ENUM -> {
                if (!schema.hasEnumSymbol(String.valueOf(value))) {
                    throw new UnknownThenException("no symbol of " + schema + " is " + value);
                }
                yield new GenericData.EnumSymbol(schema, String.valueOf(value));
            }
            case ARRAY -> {
                var items = new ArrayList<@Nullable Object>();
                ((List<?>) Objects.requireNonNull(value))
                        .forEach(item -> items.add(as(schema.getElementType(), item)));
                yield items;
            }
            case MAP -> {
                var entries = new LinkedHashMap<String, @Nullable Object>();
                ((Map<?, ?>) Objects.requireNonNull(value))
                        .forEach(
                                (key, entry) ->
                                        entries.put(
                                                key.toString(), as(schema.getValueType(), entry)));
                yield entries;
            }
            case STRING -> String.valueOf(value);
            // What may be null now could not be then.
            case INT -> value == null ? 0 : value;
            case LONG -> value == null ? 0L : value;
            case DOUBLE -> value == null ? 0.0 : value;
            default -> value;
        };
    }

    /** A field of a record, or what stands under its name in the map that a record became. */
    private static @Nullable Object component(@Nullable Object value, Schema.Field field) {
        if (value instanceof Map<?, ?> map) {
            var byName = new LinkedHashMap<String, Object>();
            map.forEach((key, entry) -> byName.put(key.toString(), entry));
            return byName.get(field.name());
        }
        var record = (IndexedRecord) Objects.requireNonNull(value);
        var own = record.getSchema().getField(field.name());
        // One that came later has its default.
        return own == null ? DATA.getDefaultValue(field) : record.get(own.pos());
    }

    /** The branch that was written: the last one that takes such a value. */
    private static Schema branch(Schema union, Object value) {
        Schema found = null;
        for (Schema branch : union.getTypes()) {
            boolean fits =
                    switch (branch.getType()) {
                        case NULL -> false;
                        case RECORD ->
                                value instanceof IndexedRecord r
                                        && r.getSchema().getFullName().equals(branch.getFullName());
                        default -> !(value instanceof IndexedRecord);
                    };
            found = fits ? branch : found;
        }
        if (found == null) {
            throw new UnknownThenException("no branch of " + union + " takes " + value);
        }
        return found;
    }
}
