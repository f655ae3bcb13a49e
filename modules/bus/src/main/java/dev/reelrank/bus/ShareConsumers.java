package dev.reelrank.bus;

import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;

/** Makes the share consumers of one queue. */
record ShareConsumers(Connection connection, String topic, String group, String member) {
    /** A subscribed consumer that gets at most this many records at a time. */
    KafkaShareConsumer<String, byte[]> open(int max) {
        Map<String, Object> properties = connection.properties();
        // Consumer settings that share consumers refuse may stand in a file made for all clients.
        for (String refused :
                List.of(
                        "auto.offset.reset",
                        "enable.auto.commit",
                        "isolation.level",
                        "group.protocol",
                        "group.instance.id",
                        "session.timeout.ms",
                        "heartbeat.interval.ms",
                        "partition.assignment.strategy")) {
            properties.remove(refused);
        }
        properties.put("group.id", group);
        properties.put("client.id", member);
        properties.put("share.acknowledgement.mode", "explicit");
        // The default would give one worker all records of a producer's batch.
        properties.put("share.acquire.mode", "record_limit");
        properties.put("max.poll.records", max);
        // Also the delay after which an idle worker sees the record of one that was killed.
        properties.put("fetch.max.wait.ms", 500);
        properties.putIfAbsent("reconnect.backoff.max.ms", 1_000);
        KafkaShareConsumer<String, byte[]> consumer =
                connection.client(
                        () ->
                                new KafkaShareConsumer<>(
                                        properties,
                                        new StringDeserializer(),
                                        new ByteArrayDeserializer()));
        consumer.subscribe(List.of(topic));
        return consumer;
    }
}
