package dev.reelrank.bus.codec;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.stage.Stages;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.message.SchemaStore;
import org.jspecify.annotations.Nullable;

/**
 * Events to bytes and back, in Avro's single-object encoding: two marker bytes, the fingerprint of
 * the schema (CRC-64-AVRO, 8 bytes little-endian), the binary record. Bytes of every version that
 * was ever published are read; the current version is written.
 *
 * <p>Times are kept to the microsecond. One codec serves all threads; making one takes some ten
 * milliseconds and checks every schema against its record.
 */
public final class EventCodec {
    private static final int HEADER = 10;
    private static final GenericData DATA = new GenericData();

    private final Map<Long, Schema> current = new HashMap<>();
    private final LongFunction<@Nullable Schema> published;
    private final Map<Variant, Channel> byVariant = new HashMap<>();
    private final Map<String, Channel> bySchema = new HashMap<>();

    /** The current schema of one kind of event, ready for use. */
    private record Channel(
            Mapping mapping,
            BinaryMessageEncoder<GenericRecord> encoder,
            BinaryMessageDecoder<GenericRecord> decoder) {}

    /** A codec for the events of the standard stages. */
    public EventCodec() {
        this(Stages.STANDARD);
    }

    /** A codec for the events of these stages, whose schemas are on the class path. */
    public EventCodec(Stages stages) {
        this(SchemaCatalog.load(stages));
    }

    EventCodec(SchemaCatalog catalog) {
        this(catalog.events().values(), catalog::published);
    }

    /**
     * @param published a version by its fingerprint, null if there is none; may be asked by several
     *     threads at once
     */
    EventCodec(Collection<Schema> current, LongFunction<@Nullable Schema> published) {
        this.published = published;
        for (Schema schema : current) {
            this.current.put(SchemaCatalog.fingerprint(schema), schema);
        }
        SchemaStore store = this::find;
        var compiler = new MappingCompiler();
        for (Schema schema : current) {
            RecordMapping mapping = compiler.record(schema);
            var channel =
                    new Channel(
                            mapping,
                            new BinaryMessageEncoder<>(DATA, schema),
                            new BinaryMessageDecoder<>(DATA, schema, store));
            bySchema.put(schema.getFullName(), channel);
            byVariant.put(Variant.of(schema, mapping.type()), channel);
        }
    }

    /**
     * The bytes of an event.
     *
     * @throws IllegalArgumentException if a component that must not be null is, or a request or
     *     result is not of its work's stage
     */
    public byte[] encode(Event event) {
        Variant variant = Variant.of(event);
        Channel channel = byVariant.get(variant);
        if (channel == null) {
            throw new IllegalArgumentException("no schema for " + variant);
        }
        var record = (GenericRecord) channel.mapping().toAvro(event);
        try {
            ByteBuffer buffer = channel.encoder().encode(record);
            var bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            return bytes;
        } catch (IOException e) {
            throw new IllegalStateException("writing to a memory buffer failed", e);
        }
    }

    /**
     * The event in the bytes.
     *
     * @throws StageException UNKNOWN_SCHEMA if they were written with a schema that this build does
     *     not know, so it is older than the writer; UNDECODABLE if they are no event at all
     */
    public Event decode(byte[] bytes) {
        Schema writer = writer(bytes);
        Channel channel = bySchema.get(writer.getFullName());
        if (channel == null) {
            throw undecodable("a " + writer.getFullName() + " is no longer an event", null);
        }
        try {
            checkExtent(writer, bytes);
            return (Event)
                    Objects.requireNonNull(
                            channel.mapping().toJava(channel.decoder().decode(bytes)));
        } catch (IOException | RuntimeException e) {
            // Damaged bytes lead readers and constructors into exceptions of any kind.
            throw undecodable(
                    "%d bytes are marked as a %s but cannot be decoded: %s"
                            .formatted(bytes.length, writer.getFullName(), e.getMessage()),
                    e);
        }
    }

    /**
     * The schema that bytes were written with, and the plain Avro record behind their header: what
     * a schema registry and its clients work with.
     *
     * @throws StageException as {@link #decode}, but what is behind the header is not looked at
     */
    public Written written(byte[] bytes) {
        Schema schema = writer(bytes);
        return new Written(
                schema.getFullName(),
                schema.toString(),
                Arrays.copyOfRange(bytes, HEADER, bytes.length));
    }

    /**
     * An event as Avro knows it.
     *
     * @param name full name of the schema
     * @param schema as JSON, complete in itself
     * @param record binary Avro
     */
    public record Written(String name, String schema, byte[] record) {}

    private Schema writer(byte[] bytes) {
        if (bytes.length < HEADER || bytes[0] != (byte) 0xC3 || bytes[1] != 0x01) {
            throw undecodable(
                    bytes.length
                            + " bytes do not begin with the marker of Avro's single-object encoding",
                    null);
        }
        long fingerprint = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong(2);
        Schema schema = find(fingerprint);
        if (schema == null) {
            throw new StageException(
                    FailureCode.UNKNOWN_SCHEMA,
                    "an event has schema "
                            + SchemaCatalog.hex(fingerprint)
                            + ", which this build does not know: a newer version of Reelrank wrote it; upgrade this process");
        }
        return schema;
    }

    private @Nullable Schema find(long fingerprint) {
        Schema schema = current.get(fingerprint);
        return schema == null ? published.apply(fingerprint) : schema;
    }

    /**
     * Walks over the bytes without making anything of them: damaged lengths are found before
     * anything of that length is allocated, and so are bytes left over.
     */
    private static void checkExtent(Schema writer, byte[] bytes) throws IOException {
        BinaryDecoder decoder =
                DecoderFactory.get().binaryDecoder(bytes, HEADER, bytes.length - HEADER, null);
        GenericDatumReader.skip(writer, decoder);
        if (!decoder.isEnd()) {
            throw new IOException("bytes are left over after the record");
        }
    }

    private static StageException undecodable(String message, @Nullable Throwable cause) {
        return new StageException(FailureCode.UNDECODABLE, message, cause);
    }
}
