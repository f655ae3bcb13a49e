package dev.reelrank.flow.topology;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;

/**
 * Which partition a key belongs to: that of Kafka's own default partitioner, which flow and the
 * workers use. Clients of other languages may use another one (librdkafka's default is {@code
 * consistent_random}).
 *
 * @param partitions of each topic that flow reads; one that is not named is not looked at
 */
public record Placement(Map<String, Integer> partitions) {
    /** Every record is where it belongs. */
    public static final Placement ANY = new Placement(Map.of());

    public Placement {
        partitions = Map.copyOf(partitions);
    }

    boolean right(String topic, String key, int partition) {
        int all = partitions.getOrDefault(topic, 1);
        return all == 1
                || BuiltInPartitioner.partitionForKey(key.getBytes(StandardCharsets.UTF_8), all)
                        == partition;
    }
}
