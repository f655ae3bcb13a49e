package dev.reelrank.bus;

import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/**
 * Deletes from a topic what its reader has taken in, once people no longer look at it either. A
 * retention time alone would delete what the reader has not seen yet.
 */
public final class TopicTrimmer implements AutoCloseable {
    private final Connection connection;
    private final Admin admin;

    public TopicTrimmer(Connection connection) {
        this.connection = connection;
        this.admin = connection.admin();
    }

    /**
     * Deletes records that come before what a group has committed and before the first record that
     * is younger than an instant. A partition that the group has not committed keeps everything.
     *
     * @param group whose members are the topic's only readers that must not miss a record
     * @return the offset at which each partition begins afterwards, of those that were looked at
     * @throws dev.reelrank.pipeline.StageException BROKER_UNAVAILABLE; INVALID_CONFIG without the
     *     right to delete records
     */
    public Map<Integer, Long> trim(String topic, String group, Instant olderThan) {
        var partitions = partitions(topic);
        var committed =
                Futures.await(
                        admin.listConsumerGroupOffsets(
                                        Map.of(
                                                group,
                                                new ListConsumerGroupOffsetsSpec()
                                                        .topicPartitions(partitions)))
                                .partitionsToOffsetAndMetadata(group),
                        connection,
                        "Describe on group " + group);
        var asked = new HashMap<TopicPartition, OffsetSpec>();
        partitions.forEach(
                p -> {
                    if (committed.get(p) != null) {
                        asked.put(p, OffsetSpec.forTimestamp(olderThan.toEpochMilli()));
                    }
                });
        if (asked.isEmpty()) {
            return Map.of();
        }
        var young =
                Futures.await(
                        admin.listOffsets(asked).all(), connection, "Describe on topic " + topic);
        var delete = new HashMap<TopicPartition, RecordsToDelete>();
        young.forEach(
                (p, first) -> {
                    long taken = Objects.requireNonNull(committed.get(p)).offset();
                    // -1: nothing is that young.
                    long before = first.offset() < 0 ? taken : Math.min(taken, first.offset());
                    delete.put(p, RecordsToDelete.beforeOffset(before));
                });
        var begins = new TreeMap<Integer, Long>();
        admin.deleteRecords(delete)
                .lowWatermarks()
                .forEach(
                        (p, low) ->
                                begins.put(
                                        p.partition(),
                                        Futures.await(low, connection, "Delete on topic " + topic)
                                                .lowWatermark()));
        return begins;
    }

    private List<TopicPartition> partitions(String topic) {
        var partitions = new ArrayList<TopicPartition>();
        Futures.await(
                        Objects.requireNonNull(
                                admin.describeTopics(List.of(topic)).topicNameValues().get(topic)),
                        connection,
                        "Describe on topic " + topic)
                .partitions()
                .forEach(p -> partitions.add(new TopicPartition(topic, p.partition())));
        return partitions;
    }

    @Override
    public void close() {
        admin.close();
    }
}
