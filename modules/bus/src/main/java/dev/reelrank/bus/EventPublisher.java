package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
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
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Puts events on their topics, without loss: an event counts as published when every in-sync
 * replica has it, and an attempt that is repeated adds nothing. Serves all threads.
 */
public final class EventPublisher implements AutoCloseable {
    /** How long a broker may be away before publishing fails. */
    private static final Duration DELIVERY_TIMEOUT = Duration.ofSeconds(60);

    private final Connection connection;
    private final Topics topics;
    private final EventCodec codec;
    private final KafkaProducer<String, byte[]> producer;

    public EventPublisher(Connection connection, EventCodec codec) {
        this.connection = connection;
        this.topics = connection.topics();
        this.codec = codec;
        Map<String, Object> properties = connection.properties();
        properties.put("acks", "all");
        properties.put("enable.idempotence", true);
        properties.put("retries", Integer.MAX_VALUE);
        properties.put("max.in.flight.requests.per.connection", 5);
        properties.putIfAbsent("linger.ms", 0);
        properties.putIfAbsent("max.request.size", 16 << 20);
        properties.putIfAbsent("request.timeout.ms", 10_000);
        properties.putIfAbsent("max.block.ms", (int) DELIVERY_TIMEOUT.toMillis());
        properties.putIfAbsent("delivery.timeout.ms", (int) DELIVERY_TIMEOUT.toMillis());
        properties.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        this.producer =
                connection.client(
                        () ->
                                new KafkaProducer<>(
                                        properties,
                                        new StringSerializer(),
                                        new ByteArraySerializer()));
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
        await(send(route, event, Map.of()));
    }

    /**
     * Publishes an event and does not wait. The future fails with a {@link StageException}.
     *
     * <p>Blocks only while the broker is away and the buffer is full or the topic unknown.
     */
    public CompletableFuture<Void> send(Event event) {
        return send(topics.route(event), event, Map.of());
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
        producer.close(Duration.ofSeconds(5));
    }
}
