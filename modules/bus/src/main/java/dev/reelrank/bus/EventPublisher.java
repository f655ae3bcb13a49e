package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.bus.trace.Tracing;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Event;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts events on their topics, without loss: an event counts as published when every in-sync
 * replica has it, and an attempt that is repeated adds nothing. Serves all threads.
 */
public final class EventPublisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventPublisher.class);

    /** How long a broker may be away before publishing fails. */
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);

    private final Tracing tracing;
    private final Connection connection;
    private final Topics topics;
    private final EventCodec codec;
    private final KafkaProducer<String, byte[]> producer;
    private final KafkaProducer<String, byte[]> bestEffort;

    public EventPublisher(Connection connection, EventCodec codec) {
        this(connection, codec, Tracing.OFF);
    }

    /**
     * @param tracing records what the events ask for; not closed with this
     */
    public EventPublisher(Connection connection, EventCodec codec, Tracing tracing) {
        this.tracing = tracing;
        this.connection = connection;
        this.topics = connection.topics();
        this.codec = codec;
        Map<String, Object> safe = connection.properties();
        safe.put("acks", "all");
        safe.put("enable.idempotence", true);
        safe.put("retries", Integer.MAX_VALUE);
        safe.put("max.in.flight.requests.per.connection", 5);
        safe.putIfAbsent("linger.ms", 0);
        safe.putIfAbsent("max.request.size", 16 << 20);
        safe.putIfAbsent("request.timeout.ms", 10_000);
        safe.putIfAbsent("max.block.ms", DELIVERY_TIMEOUT.toMillis());
        safe.putIfAbsent("delivery.timeout.ms", (int) DELIVERY_TIMEOUT.toMillis());
        safe.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        this.producer = open(safe);

        Map<String, Object> hasty = connection.properties();
        hasty.put("acks", "1");
        hasty.put("enable.idempotence", false);
        hasty.put("max.block.ms", 0);
        hasty.put("linger.ms", 0);
        hasty.put("request.timeout.ms", 2_000);
        hasty.put("delivery.timeout.ms", 4_000);
        hasty.put("buffer.memory", 1 << 20);
        hasty.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        this.bestEffort = open(hasty);
    }

    private KafkaProducer<String, byte[]> open(Map<String, Object> properties) {
        return connection.client(
                () ->
                        new KafkaProducer<>(
                                properties, new StringSerializer(), new ByteArraySerializer()));
    }

    /**
     * Publishes an event where {@link Topics#route} says, and waits until it is safe.
     *
     * @throws StageException BROKER_UNAVAILABLE if the broker did not answer within a minute;
     *     whether the event was written is then unknown, and publishing it again is right
     */
    public void publish(Event event) {
        await(send(event));
    }

    /** Publishes events in order and waits until all are safe. */
    public void publish(Collection<? extends Event> events) {
        List<CompletableFuture<Void>> sent = new ArrayList<>();
        for (Event event : events) {
            sent.add(send(event));
        }
        sent.forEach(this::await);
    }

    /** Publishes an event to a place of the caller's choice and waits until it is safe. */
    public void publish(Route route, Event event) {
        publish(route, event, Map.of());
    }

    /**
     * The same with headers.
     *
     * @param headers for example a trace context; they are no part of the event
     */
    public void publish(Route route, Event event, Map<String, byte[]> headers) {
        await(send(route, event, headers));
    }

    /**
     * Publishes an event and does not wait. The future fails with a {@link StageException}.
     *
     * <p>Blocks up to a minute while the broker is away: the client then forgets where topics are.
     * What must not wait is {@link #offer}ed.
     */
    public CompletableFuture<Void> send(Event event) {
        return send(topics.route(event), event, tracing.asking(event));
    }

    /**
     * The same with headers.
     *
     * @param headers for example a trace context; they are no part of the event
     */
    public CompletableFuture<Void> send(Route route, Event event, Map<String, byte[]> headers) {
        var promise = new CompletableFuture<Void>();
        var record =
                new ProducerRecord<String, byte[]>(route.topic(), route.key(), codec.encode(event));
        headers.forEach(record.headers()::add);
        try {
            // The callback has the last word, for the promise.
            var unused =
                    producer.send(
                            record,
                            (metadata, e) -> {
                                if (e == null) {
                                    promise.complete(null);
                                } else {
                                    promise.completeExceptionally(failure(route, e));
                                }
                            });
        } catch (InterruptException e) {
            throw e;
        } catch (RuntimeException e) {
            promise.completeExceptionally(failure(route, e));
        }
        return promise;
    }

    /**
     * Publishes an event if that is easy: it never waits, and it may be lost, the first one at any
     * rate. For progress, from within a computation.
     */
    public void offer(Event event) {
        Route route = topics.route(event);
        var record =
                new ProducerRecord<String, byte[]>(route.topic(), route.key(), codec.encode(event));
        try {
            // The callback sees what becomes of it.
            var unused =
                    bestEffort.send(
                            record,
                            (metadata, e) -> {
                                if (e != null) {
                                    LOG.debug("not published: {}", e.toString());
                                }
                            });
        } catch (KafkaException e) {
            LOG.debug("not published: {}", e.toString());
        }
    }

    private StageException failure(Route route, Exception e) {
        if (e instanceof RecordTooLargeException) {
            return new StageException(
                    FailureCode.INTERNAL_ERROR,
                    "an event for %s is too large: %s".formatted(route.topic(), e.getMessage()),
                    e);
        }
        StageException failure = Futures.failure(e, connection);
        return new StageException(
                failure.code(),
                "an event for %s could not be published: %s"
                        .formatted(route.topic(), failure.getMessage()),
                e);
    }

    private void await(CompletableFuture<Void> sent) {
        try {
            sent.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof StageException stage) {
                throw new StageException(stage.code(), String.valueOf(stage.getMessage()), stage);
            }
            throw new IllegalStateException("publishing failed", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StageException(
                    FailureCode.BROKER_UNAVAILABLE,
                    "interrupted while publishing; whether the event was written is unknown",
                    e);
        }
    }

    /** Sends what is buffered, waiting at most 5 s, and closes. */
    @Override
    public void close() {
        bestEffort.close(Duration.ZERO);
        producer.close(Duration.ofSeconds(5));
    }
}
