package dev.reelrank.bus;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.Deadline;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads topics from their beginning, independently of other readers: committed events only, each
 * partition in order, topics beside each other. For one thread.
 *
 * <p>What is no event is skipped with a warning and counted ({@link #unreadable}): only flow
 * decides about it. A schema newer than this build stops the reader, unless it is to {@link
 * #passOverNewer pass over} it.
 */
public final class EventReader implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EventReader.class);
    private static final Duration STEP = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final EventCodec codec;
    private final KafkaConsumer<String, byte[]> consumer;
    private final List<TopicPartition> partitions = new ArrayList<>();
    private final AtomicLong unreadable = new AtomicLong();
    private Predicate<String> keys = key -> true;
    private boolean passOver;

    /**
     * Stands at the beginning of the topics.
     *
     * @throws StageException TOPIC_MISCONFIGURED if a topic does not exist; BROKER_UNAVAILABLE
     */
    public EventReader(Connection connection, EventCodec codec, Collection<String> topics) {
        this.connection = connection;
        this.codec = codec;
        Map<String, Object> properties = connection.properties();
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "earliest");
        properties.put("allow.auto.create.topics", false);
        properties.putIfAbsent("max.poll.records", 2_000);
        properties.putIfAbsent("default.api.timeout.ms", 30_000);
        properties.putIfAbsent("fetch.max.wait.ms", 100);
        properties.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        this.consumer =
                connection.client(
                        () ->
                                new KafkaConsumer<>(
                                        properties,
                                        new StringDeserializer(),
                                        new ByteArrayDeserializer()));
        try {
            for (String topic : topics) {
                var infos = consumer.partitionsFor(topic);
                if (infos == null || infos.isEmpty()) {
                    throw new StageException(
                            FailureCode.TOPIC_MISCONFIGURED,
                            "topic %s does not exist at %s; create the topics with: reelrank topics create"
                                    .formatted(topic, connection.bootstrap()));
                }
                infos.forEach(i -> partitions.add(new TopicPartition(topic, i.partition())));
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
        } catch (KafkaException e) {
            consumer.close();
            throw Futures.failure(e, connection);
        } catch (StageException e) {
            consumer.close();
            throw e;
        }
    }

    /** Only events with such keys are decoded and returned. */
    public EventReader onlyKeys(Predicate<String> wanted) {
        keys = wanted;
        return this;
    }

    /**
     * Skips what a newer build wrote, with a warning, instead of stopping there: for lists, which a
     * single record of another client must not take from everybody.
     */
    public EventReader passOverNewer() {
        passOver = true;
        return this;
    }

    /** Only events about a run and its samples. */
    public EventReader onlyRun(String runId) {
        return onlyKeys(key -> key.equals(runId) || key.startsWith(runId + "/"));
    }

    /** Goes on with what is written from now on. */
    public EventReader fromEnd() {
        consumer.seekToEnd(partitions);
        // Seeking is lazy; without this, what is written before the first poll would be skipped.
        partitions.forEach(consumer::position);
        return this;
    }

    /** Goes on with the first events not older than this. */
    public EventReader since(Instant time) {
        var query = new HashMap<TopicPartition, Long>();
        partitions.forEach(p -> query.put(p, time.toEpochMilli()));
        consumer.offsetsForTimes(query)
                .forEach(
                        (partition, found) -> {
                            if (found == null) {
                                consumer.seekToEnd(List.of(partition));
                            } else {
                                consumer.seek(partition, found.offset());
                            }
                        });
        partitions.forEach(consumer::position);
        return this;
    }

    /**
     * The next events, waiting at most so long for the first.
     *
     * @return may be empty
     * @throws StageException UNKNOWN_SCHEMA if this build is too old to read them; INVALID_CONFIG
     *     if the cluster refuses this client
     */
    public List<StoredEvent> poll(Duration wait) {
        var events = new ArrayList<StoredEvent>();
        for (ConsumerRecord<String, byte[]> record : records(wait)) {
            StoredEvent event = decode(record);
            if (event != null) {
                events.add(event);
            }
        }
        return events;
    }

    private Iterable<ConsumerRecord<String, byte[]>> records(Duration wait) {
        try {
            return consumer.poll(wait);
        } catch (RetriableException e) {
            LOG.warn(
                    "reading from {} failed and will be retried: {}",
                    connection.bootstrap(),
                    e.toString());
        } catch (KafkaException e) {
            throw Futures.failure(e, connection);
        }
        return List.of();
    }

    /**
     * Gives every event up to what is the end when it is called, then returns. Following goes on
     * with {@link #poll}.
     *
     * @throws StageException BROKER_UNAVAILABLE if nothing came for 30 s though the end is not
     *     reached
     */
    public void readToEnd(Consumer<StoredEvent> receiver) {
        readToEnd(() -> poll(STEP).forEach(receiver));
    }

    /**
     * The same with the bytes as they stand, whatever build wrote them: for who looks for something
     * in them, not for what they say.
     */
    public void bytesToEnd(Consumer<StoredBytes> receiver) {
        readToEnd(() -> records(STEP).forEach(record -> give(record, receiver)));
    }

    private void give(ConsumerRecord<String, byte[]> record, Consumer<StoredBytes> receiver) {
        String key = record.key() == null ? "" : record.key();
        if (record.value() != null && keys.test(key)) {
            receiver.accept(new StoredBytes(record.topic(), key, record.value()));
        }
    }

    private void readToEnd(Runnable step) {
        Map<TopicPartition, Long> ends = endOffsets();
        Deadline limit = Deadline.in(PATIENCE);
        while (!reached(ends)) {
            long before = positions();
            step.run();
            if (positions() != before) {
                limit = Deadline.in(PATIENCE);
            } else if (limit.passed()) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "the Kafka cluster at %s returned no records for 30 s, although the end of %s is not reached"
                                .formatted(connection.bootstrap(), ends.keySet()));
            }
        }
    }

    /** How many records were skipped because they are no events. */
    public long unreadable() {
        return unreadable.get();
    }

    private Map<TopicPartition, Long> endOffsets() {
        try {
            return consumer.endOffsets(partitions);
        } catch (KafkaException e) {
            throw Futures.failure(e, connection);
        }
    }

    private boolean reached(Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .allMatch(e -> consumer.position(e.getKey()) >= e.getValue());
    }

    private long positions() {
        return partitions.stream().mapToLong(consumer::position).sum();
    }

    private @Nullable StoredEvent decode(ConsumerRecord<String, byte[]> record) {
        String key = record.key() == null ? "" : record.key();
        if (record.value() == null || !keys.test(key)) {
            return null;
        }
        try {
            return new StoredEvent(
                    record.topic(),
                    record.partition(),
                    record.offset(),
                    Instant.ofEpochMilli(record.timestamp()),
                    key,
                    codec.decode(record.value()));
        } catch (StageException e) {
            String source = record.topic() + "-" + record.partition() + "@" + record.offset();
            if (e.code() != FailureCode.UNDECODABLE && !passOver) {
                throw new StageException(e.code(), source + ": " + e.getMessage(), e);
            }
            unreadable.incrementAndGet();
            LOG.warn("skipped {}: {}", source, e.getMessage());
            return null;
        }
    }

    @Override
    public void close() {
        consumer.close();
    }
}
