package dev.reelrank.client.mirror;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.event.Event;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;

/** How a mirrored record is written. */
@FunctionalInterface
public interface MirrorForm {
    /**
     * The bytes of a record's copy.
     *
     * @param topic the copy stands on
     * @param event in our encoding
     */
    byte[] of(String topic, byte[] event);

    /**
     * As clients of a schema registry read it: a zero byte, the schema's number (4 bytes,
     * big-endian), binary Avro. The subject is {@code TOPIC-NAME}, because some topics hold several
     * kinds of events.
     */
    static MirrorForm registry(EventCodec codec, SchemaRegistry registry) {
        return (topic, event) -> {
            var written = codec.written(event);
            int id = registry.id(topic + "-" + written.name(), written.schema());
            return ByteBuffer.allocate(1 + Integer.BYTES + written.record().length)
                    .put((byte) 0)
                    .putInt(id)
                    .put(written.record())
                    .array();
        };
    }

    /**
     * One JSON document, as {@code topics read} prints events.
     *
     * @param json writes an event
     */
    static MirrorForm json(EventCodec codec, Function<Event, String> json) {
        return (topic, event) -> json.apply(codec.decode(event)).getBytes(StandardCharsets.UTF_8);
    }
}
