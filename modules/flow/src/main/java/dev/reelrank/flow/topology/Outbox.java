package dev.reelrank.flow.topology;

import dev.reelrank.bus.Topics;
import dev.reelrank.flow.Effect;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Turns effects into records of the transaction under way. */
final class Outbox {
    private static final Logger LOG = LoggerFactory.getLogger("dev.reelrank.flow.decisions");

    /** The W3C trace context, which work takes over from what brought it about. */
    private static final List<String> TRACE = List.of("traceparent", "tracestate", "baggage");

    private final ProcessorContext<String, Outgoing> context;
    private final Topics topics;
    private final FlowMetrics metrics;

    Outbox(ProcessorContext<String, Outgoing> context, Topics topics, FlowMetrics metrics) {
        this.context = context;
        this.topics = topics;
        this.metrics = metrics;
    }

    /** Effects that an event brought about. */
    void write(List<Effect> effects, Headers cause, Instant now) {
        var headers = new RecordHeaders();
        for (var name : TRACE) {
            cause.headers(name).forEach(headers::add);
        }
        for (var effect : effects) {
            write(effect, headers, now);
        }
    }

    /** The trace that headers are part of, null if of none. */
    static @Nullable String trace(Headers headers) {
        var parent = headers.lastHeader(TRACE.get(0));
        return parent == null || parent.value() == null
                ? null
                : new String(parent.value(), StandardCharsets.UTF_8);
    }

    /** Headers that are part of a trace, none for null. */
    static Headers headers(@Nullable String trace) {
        var headers = new RecordHeaders();
        if (trace != null) {
            headers.add(TRACE.get(0), trace.getBytes(StandardCharsets.UTF_8));
        }
        return headers;
    }

    /** Effects that time brought about. */
    void write(List<Effect> effects, Instant now) {
        write(effects, new RecordHeaders(), now);
    }

    /** Something for a run. */
    void toRun(Outgoing.ToRun news, Headers headers, Instant now) {
        forward(news.input().runId(), news, headers, now);
    }

    /** A dead letter without a known work item; its key is the position of the record. */
    void undecodable(Outgoing.ToTopic dead, Instant now) {
        var letter = (DeadLetter) dead.event();
        LOG.warn("dead letter: {}", letter.message());
        metrics.dead(dead.topic(), letter.code());
        forward(String.valueOf(letter.source()), dead, new RecordHeaders(), now);
    }

    /** A record that another partition is the right one for: it goes there, once. */
    void moved(Outgoing.ToTopic again, Record<String, byte[]> record, Instant now) {
        LOG.warn(
                "a record of {} with key {} stood in the partition of another key and is moved: its producer does not use Kafka's default partitioner (librdkafka: partitioner=murmur2_random)",
                again.topic(),
                record.key());
        metrics.moved(again.topic());
        var headers = new RecordHeaders(record.headers());
        headers.add(Inbox.MOVED, new byte[0]);
        forward(record.key(), again, headers, now);
    }

    private void write(Effect effect, Headers headers, Instant now) {
        if (effect instanceof Effect.Note note) {
            if (note.warning()) {
                LOG.warn("{}", note.text());
            } else {
                LOG.info("{}", note.text());
            }
        } else if (effect instanceof Effect.News news) {
            toRun(new Outgoing.ToRun(news.news()), headers, now);
        } else {
            var event = event(effect);
            var route = topics.route(event);
            metrics.written(route.topic(), event);
            forward(route.key(), new Outgoing.ToTopic(route.topic(), event), headers, now);
        }
    }

    private static Event event(Effect effect) {
        if (effect instanceof Effect.Work e) {
            return e.item();
        } else if (effect instanceof Effect.Sample e) {
            return e.fact();
        } else if (effect instanceof Effect.Fact e) {
            return e.fact();
        } else if (effect instanceof Effect.Dead e) {
            return e.letter();
        } else if (effect instanceof Effect.SampleStatus e) {
            return e.event();
        } else if (effect instanceof Effect.RunStatus e) {
            return e.event();
        } else if (effect instanceof Effect.Standards e) {
            return e.event();
        } else if (effect instanceof Effect.Adapter e) {
            return e.event();
        } else if (effect instanceof Effect.Pair e) {
            return e.event();
        }
        throw new IllegalArgumentException("not an event: " + effect);
    }

    private void forward(String key, Outgoing value, Headers headers, Instant now) {
        context.forward(new Record<>(key, value, now.toEpochMilli(), headers));
    }
}
