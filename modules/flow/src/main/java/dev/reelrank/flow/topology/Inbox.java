package dev.reelrank.flow.topology;

import dev.reelrank.bus.Quarantine;
import dev.reelrank.bus.Route;
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
 * Takes bytes and decodes them itself. Nothing is dropped: bytes that are no event become dead
 * letters; those of a newer build stop the process for a while, then become dead letters too; what
 * stands in the partition of another key is sent to its own.
 */
final class Inbox {
    /** On a record that was moved once: where it still is in the wrong place, it stays refused. */
    static final String MOVED = "reelrank-moved";

    private final Topics topics;
    private final EventCodec codec;
    private final Placement placement;
    private final Quarantine quarantine;

    /**
     * @param placement where keys belong
     * @param quarantine how long what a newer build wrote is waited with
     */
    Inbox(Topics topics, EventCodec codec, Placement placement, Quarantine quarantine) {
        this.topics = topics;
        this.codec = codec;
        this.placement = placement;
        this.quarantine = quarantine;
    }

    /**
     * What a record turned out to be: an event, a dead letter and its topic, or something to be
     * moved.
     *
     * @param refused with a dead letter: the event that was refused, if it is one
     */
    record Received(
            @Nullable Event event,
            Outgoing.@Nullable ToTopic dead,
            @Nullable Event refused,
            Outgoing.@Nullable ToTopic moved) {
        private static Received of(Event event) {
            return new Received(event, null, null, null);
        }

        private static Received dead(Outgoing.ToTopic letter, @Nullable Event refused) {
            return new Received(null, letter, refused, null);
        }

        private static Received moved(Outgoing.ToTopic record) {
            return new Received(null, null, null, record);
        }
    }

    /**
     * @throws NewerSchemaException if this build is too old to read it, and an upgrade may be near
     */
    Received receive(Record<String, byte[]> record, RecordMetadata source, Instant now) {
        if (record.value() == null) {
            return refused(
                    record,
                    source,
                    FailureCode.UNDECODABLE,
                    "a record without a value is not an event",
                    null,
                    now);
        }
        var excess = Sizes.excess(topics, source.topic(), record.value());
        if (excess != null) {
            return refused(record, source, FailureCode.INVALID_SAMPLE, excess, null, now);
        }
        Event event;
        try {
            event = codec.decode(record.value());
        } catch (StageException e) {
            if (e.code() == FailureCode.UNKNOWN_SCHEMA && !quarantine.left().isZero()) {
                throw new NewerSchemaException(place(source) + ": " + e.getMessage(), e);
            }
            return refused(record, source, e.code(), String.valueOf(e.getMessage()), null, now);
        }
        if (event instanceof DeadLetter letter && letter.work() == null) {
            // A worker found it on its queue; only flow writes dead letters.
            return Received.dead(
                    new Outgoing.ToTopic(topics.dead(topics.stageOf(source.topic())), letter),
                    null);
        }
        Route route;
        try {
            route = topics.route(event);
        } catch (IllegalArgumentException e) {
            // For example of a stage that this farm does not have.
            return refused(
                    record,
                    source,
                    FailureCode.UNDECODABLE,
                    String.valueOf(e.getMessage()),
                    event,
                    now);
        }
        if (!route.topic().equals(source.topic())) {
            return refused(
                    record,
                    source,
                    FailureCode.UNDECODABLE,
                    "a %s is on %s, but belongs on %s"
                            .formatted(
                                    event.getClass().getSimpleName(),
                                    source.topic(),
                                    route.topic()),
                    event,
                    now);
        }
        if (!route.key().equals(record.key())) {
            // Elsewhere it would be processed without the state about it here.
            return refused(
                    record,
                    source,
                    FailureCode.UNDECODABLE,
                    "its key is '%s', it must be '%s'".formatted(record.key(), route.key()),
                    event,
                    now);
        }
        return placed(record, source, event, now);
    }

    private Received placed(
            Record<String, byte[]> record, RecordMetadata source, Event event, Instant now) {
        if (placement.right(source.topic(), record.key(), source.partition())) {
            return Received.of(event);
        }
        if (record.headers().lastHeader(MOVED) == null) {
            return Received.moved(new Outgoing.ToTopic(source.topic(), event));
        }
        return refused(
                record,
                source,
                FailureCode.INVALID_CONFIG,
                "it stands in another partition than its key belongs to, and again after it was moved: the number of partitions has changed; restart flow",
                event,
                now);
    }

    private Received refused(
            Record<String, byte[]> record,
            RecordMetadata source,
            FailureCode code,
            String why,
            @Nullable Event event,
            Instant now) {
        var letter =
                new DeadLetter(
                        null,
                        code,
                        place(source) + ": " + why,
                        null,
                        1,
                        List.of(),
                        null,
                        Objects.requireNonNullElse(record.value(), new byte[0]),
                        place(source),
                        now);
        return Received.dead(
                new Outgoing.ToTopic(topics.dead(topics.stageOf(source.topic())), letter), event);
    }

    static String place(RecordMetadata source) {
        return source.topic() + "-" + source.partition() + "@" + source.offset();
    }
}
