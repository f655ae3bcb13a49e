package dev.reelrank.bus;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.ShareMemberDescription;
import org.apache.kafka.clients.admin.SharePartitionOffsetInfo;
import org.apache.kafka.clients.consumer.CloseOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * The queues as seen from outside, by flow, metrics and {@code status}. Serves one call at a time.
 */
public final class QueueView implements AutoCloseable {
    private static final Duration CLOSE = Duration.ofSeconds(1);

    private final Connection connection;
    private final Topics topics;
    private final Admin admin;
    private final KafkaConsumer<byte[], byte[]> consumer;

    /**
     * What a queue still owes.
     *
     * @param startOffset of the oldest record that is not settled
     * @param lag records not settled, those in work among them; may count markers of transactions
     * @param settledBefore whatever was appended before this instant is settled: the time of the
     *     oldest record that is not, by the broker's clock; or when it was asked, if there is none
     * @param empty nothing is owed
     */
    public record Owed(long startOffset, long lag, Instant settledBefore, boolean empty) {}

    public QueueView(Connection connection) {
        this.connection = connection;
        this.topics = connection.topics();
        this.admin = connection.admin();
        Map<String, Object> properties = connection.properties();
        properties.put("isolation.level", "read_committed");
        properties.put("enable.auto.commit", false);
        properties.put("auto.offset.reset", "earliest");
        properties.put("max.poll.records", 1);
        properties.putIfAbsent("fetch.max.wait.ms", 100);
        properties.putIfAbsent("default.api.timeout.ms", 30_000);
        this.consumer =
                connection.client(
                        () ->
                                new KafkaConsumer<>(
                                        properties,
                                        new ByteArrayDeserializer(),
                                        new ByteArrayDeserializer()));
    }

    /** How many workers of a stage are in its group now, this process's among them. */
    public synchronized int members(StageName stage) {
        return memberships(stage).size();
    }

    /** How many of them have been told where to read; who has just joined gets nothing yet. */
    public synchronized int serving(StageName stage) {
        return (int)
                memberships(stage).stream()
                        .filter(m -> !m.assignment().topicPartitions().isEmpty())
                        .count();
    }

    private Collection<ShareMemberDescription> memberships(StageName stage) {
        String group = topics.group(stage);
        try {
            return Objects.requireNonNull(
                            admin.describeShareGroups(List.of(group)).describedGroups().get(group))
                    .get()
                    .members();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return List.of();
            }
            throw Futures.failure(e.getCause(), connection, "Describe on group " + group);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /**
     * What the queue of a stage still owes.
     *
     * @throws StageException BROKER_UNAVAILABLE
     */
    public synchronized Owed owed(StageName stage) {
        var partition = new TopicPartition(topics.work(stage), 0);
        Instant asked = Instant.now();
        SharePartitionOffsetInfo info = offsets(stage, partition);
        try {
            long first =
                    Objects.requireNonNull(
                            consumer.beginningOffsets(List.of(partition)).get(partition));
            long end =
                    Objects.requireNonNull(consumer.endOffsets(List.of(partition)).get(partition));
            long start = info == null ? first : Math.max(first, info.startOffset());
            long lag = info == null ? end - start : info.lag().orElse(end - start);
            Instant oldest = lag == 0 ? null : timestampAt(partition, start, end);
            return oldest == null
                    ? new Owed(start, 0, asked, true)
                    : new Owed(start, lag, oldest, false);
        } catch (KafkaException e) {
            throw Futures.failure(e, connection);
        }
    }

    /**
     * Deletes the settled records of a queue.
     *
     * @return the offset at which the topic begins afterwards
     */
    public synchronized long trim(StageName stage) {
        var partition = new TopicPartition(topics.work(stage), 0);
        SharePartitionOffsetInfo info = offsets(stage, partition);
        if (info == null) {
            return 0;
        }
        var before = RecordsToDelete.beforeOffset(info.startOffset());
        return Futures.await(
                        Objects.requireNonNull(
                                admin.deleteRecords(Map.of(partition, before))
                                        .lowWatermarks()
                                        .get(partition)),
                        connection,
                        "Delete on topic " + partition.topic())
                .lowWatermark();
    }

    /** Null before the first worker has joined. */
    private @Nullable SharePartitionOffsetInfo offsets(StageName stage, TopicPartition partition) {
        String group = topics.group(stage);
        var spec = new ListShareGroupOffsetsSpec().topicPartitions(List.of(partition));
        try {
            SharePartitionOffsetInfo info =
                    admin.listShareGroupOffsets(Map.of(group, spec))
                            .partitionsToOffsetInfo(group)
                            .get()
                            .get(partition);
            return info == null || info.startOffset() < 0 ? null : info;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException) {
                return null;
            }
            throw Futures.failure(e.getCause(), connection, "Describe on group " + group);
        } catch (InterruptedException e) {
            throw interrupted(e);
        }
    }

    /** Of the first record at or after an offset, null if only markers of transactions follow. */
    private @Nullable Instant timestampAt(TopicPartition partition, long offset, long end) {
        consumer.assign(List.of(partition));
        consumer.seek(partition, offset);
        long limit = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (consumer.position(partition) < end) {
            for (var record : consumer.poll(Duration.ofMillis(200))) {
                return Instant.ofEpochMilli(record.timestamp());
            }
            if (System.nanoTime() > limit) {
                throw new StageException(
                        FailureCode.BROKER_UNAVAILABLE,
                        "the Kafka cluster at %s did not return %s@%d within 10 s"
                                .formatted(connection.bootstrap(), partition, offset));
            }
        }
        return null;
    }

    private StageException interrupted(InterruptedException e) {
        Thread.currentThread().interrupt();
        return Futures.failure(e, connection);
    }

    /** Waits a second at most for calls that the broker has not answered. */
    @Override
    public synchronized void close() {
        consumer.close(CloseOptions.timeout(CLOSE));
        admin.close(CLOSE);
    }
}
