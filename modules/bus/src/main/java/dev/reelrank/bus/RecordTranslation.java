package dev.reelrank.bus;

import dev.reelrank.pipeline.StageException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads records of some topics and writes what a function makes of each. What is written and the
 * position behind the record are one transaction, so that every record is translated exactly once,
 * whenever the process dies. Several processes share the partitions.
 */
public final class RecordTranslation {
    private static final Logger LOG = LoggerFactory.getLogger(RecordTranslation.class);
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration CLOSE = Duration.ofSeconds(5);
    private static final long FIRST_PAUSE_MILLIS = 500;
    private static final long LONGEST_PAUSE_MILLIS = 30_000;
    private static final int LARGEST_REQUEST = 16 << 20;

    private final Connection connection;
    private final Setup setup;
    private final Translator translator;
    private final IntConsumer done;
    private volatile boolean open = true;

    /**
     * Who reads what.
     *
     * @param group consumer group whose position is kept
     * @param transactionalId of this process alone; its predecessor of the same name is fenced
     * @param topics that are read from their beginning
     */
    public record Setup(String group, String transactionalId, Collection<String> topics) {
        public Setup {
            topics = List.copyOf(topics);
        }
    }

    /**
     * A record that was read.
     *
     * @param key null if it has none
     * @param value null if it has none
     */
    public record Source(
            String topic,
            int partition,
            long offset,
            byte @Nullable [] key,
            byte @Nullable [] value) {
        /** Topic, partition and offset, as dead letters name them. */
        public String place() {
            return topic + "-" + partition + "@" + offset;
        }
    }

    /** A record to write; equal keys go to one partition. */
    public record Target(String topic, byte @Nullable [] key, byte @Nullable [] value) {}

    /** Makes records of a record. */
    @FunctionalInterface
    public interface Translator {
        /**
         * The records to write for one that was read.
         *
         * @throws StageException if it cannot be done now: everything since the last transaction is
         *     read again later
         */
        List<Target> translate(Source record);
    }

    /**
     * @param done is told how many records a transaction has translated
     */
    public RecordTranslation(
            Connection connection, Setup setup, Translator translator, IntConsumer done) {
        this.connection = connection;
        this.setup = setup;
        this.translator = translator;
        this.done = done;
    }

    /**
     * Translates until {@link #stop} or the thread is interrupted. What fails is tried again, with
     * pauses of up to half a minute.
     */
    public void run() {
        long pause = FIRST_PAUSE_MILLIS;
        while (open) {
            try (var consumer = consumer()) {
                consumer.subscribe(setup.topics());
                read(consumer, false);
                return;
            } catch (WakeupException | InterruptException e) {
                return;
            } catch (KafkaException | StageException e) {
                // Nothing was committed: the records are read again.
                LOG.warn(
                        "the translation of {} waits for {} ms: {}",
                        setup.topics(),
                        pause,
                        e.toString());
                if (!slept(pause)) {
                    return;
                }
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            }
        }
    }

    /**
     * Translates what is on the topics now, and ends.
     *
     * @throws StageException BROKER_UNAVAILABLE, INVALID_CONFIG, or what the translator throws
     */
    public void runToEnd() {
        try (var consumer = consumer()) {
            consumer.subscribe(setup.topics());
            read(consumer, true);
        } catch (KafkaException e) {
            throw Futures.failure(e, connection);
        }
    }

    private static boolean slept(long millis) {
        try {
            Thread.sleep(millis);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** A producer is made when the first record comes. */
    private void read(KafkaConsumer<byte[], byte[]> consumer, boolean toEnd) {
        KafkaProducer<byte[], byte[]> producer = null;
        try {
            while (open) {
                ConsumerRecords<byte[], byte[]> records = consumer.poll(POLL);
                if (records.isEmpty()) {
                    if (toEnd && atEnd(consumer)) {
                        return;
                    }
                    continue;
                }
                if (producer == null) {
                    producer = producer();
                    producer.initTransactions();
                }
                take(records, consumer, producer);
            }
        } finally {
            if (producer != null) {
                producer.close(CLOSE);
            }
        }
    }

    private static boolean atEnd(KafkaConsumer<byte[], byte[]> consumer) {
        var assigned = consumer.assignment();
        return !assigned.isEmpty()
                && consumer.endOffsets(assigned).entrySet().stream()
                        .allMatch(end -> consumer.position(end.getKey()) >= end.getValue());
    }

    private void take(
            ConsumerRecords<byte[], byte[]> records,
            KafkaConsumer<byte[], byte[]> consumer,
            KafkaProducer<byte[], byte[]> producer) {
        var offsets = new HashMap<TopicPartition, OffsetAndMetadata>();
        producer.beginTransaction();
        for (ConsumerRecord<byte[], byte[]> record : records) {
            var source =
                    new Source(
                            record.topic(),
                            record.partition(),
                            record.offset(),
                            record.key(),
                            record.value());
            for (Target target : translator.translate(source)) {
                // The transaction fails with what this one fails with.
                var unused =
                        producer.send(
                                new ProducerRecord<>(target.topic(), target.key(), target.value()));
            }
            offsets.put(
                    new TopicPartition(record.topic(), record.partition()),
                    new OffsetAndMetadata(record.offset() + 1));
        }
        producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
        producer.commitTransaction();
        done.accept(records.count());
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        Map<String, Object> properties = connection.properties();
        properties.put("group.id", setup.group());
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "earliest");
        properties.put("isolation.level", "read_committed");
        properties.put("max.poll.records", 50);
        properties.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        return connection.client(
                () ->
                        new KafkaConsumer<>(
                                properties,
                                new ByteArrayDeserializer(),
                                new ByteArrayDeserializer()));
    }

    private KafkaProducer<byte[], byte[]> producer() {
        Map<String, Object> properties = connection.properties();
        properties.put("transactional.id", setup.transactionalId());
        properties.put("acks", "all");
        properties.put("transaction.timeout.ms", 30_000);
        properties.put("max.request.size", LARGEST_REQUEST);
        properties.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        return connection.client(
                () ->
                        new KafkaProducer<>(
                                properties, new ByteArraySerializer(), new ByteArraySerializer()));
    }

    /** Ends {@link #run} within a second. */
    public void stop() {
        open = false;
    }
}
