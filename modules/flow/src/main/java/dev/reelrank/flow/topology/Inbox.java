package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.jspecify.annotations.Nullable;

/**
 * Takes bytes and decodes them itself: bytes that are no event become dead letters, a schema that
 * is newer than this build stops the process, and nothing is dropped.
 */
final class Inbox {
    private final Topics topics;
    private final EventCodec codec;

    Inbox(Topics topics, EventCodec codec) {
        this.topics = topics;
        this.codec = codec;
    }

    /** What a record turned out to be: an event, or a dead letter and its topic. */
    record Received(@Nullable Event event, Outgoing.@Nullable ToTopic dead) {}

    /**
     * @throws NewerSchemaException if this build is too old to read it
     */
    Received receive(Record<String, byte[]> record, RecordMetadata source, Instant now) {
        if (record.value() == null) {
            return refused(record, source, "a record without a value is not an event", now);
        }
        try {
            var event = codec.decode(record.value());
            if (event instanceof DeadLetter letter && letter.work() == null) {
                // A worker found it on its queue; only flow writes dead letters.
                return new Received(
                        null,
                        new Outgoing.ToTopic(topics.dead(topics.stageOf(source.topic())), letter));
            }
            var route = topics.route(event);
            if (!route.topic().equals(source.topic())) {
                return refused(
                        record,
                        source,
                        "a %s is on %s, but belongs on %s"
                                .formatted(
                                        event.getClass().getSimpleName(),
                                        source.topic(),
                                        route.topic()),
                        now);
            }
            if (!route.key().equals(record.key())) {
                // Elsewhere it would be processed without the state about it here.
                return refused(
                        record,
                        source,
                        "its key is '%s', it must be '%s'".formatted(record.key(), route.key()),
                        now);
            }
            return new Received(event, null);
        } catch (StageException e) {
            if (e.code() == FailureCode.UNDECODABLE) {
                return refused(record, source, String.valueOf(e.getMessage()), now);
            }
            throw new NewerSchemaException(place(source) + ": " + e.getMessage(), e);
        }
    }

    private Received refused(
            Record<String, byte[]> record, RecordMetadata source, String why, Instant now) {
        var letter =
                new DeadLetter(
                        null,
                        FailureCode.UNDECODABLE,
                        place(source) + ": " + why,
                        null,
                        1,
                        List.of(),
                        null,
                        Objects.requireNonNullElse(record.value(), new byte[0]),
                        place(source),
                        now);
        return new Received(
                null, new Outgoing.ToTopic(topics.dead(topics.stageOf(source.topic())), letter));
    }

    private static String place(RecordMetadata source) {
        return source.topic() + "-" + source.partition() + "@" + source.offset();
    }
}
