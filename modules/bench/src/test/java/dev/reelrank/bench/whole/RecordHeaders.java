package dev.reelrank.bench.whole;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.trace.Tracing;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Headers as they stand on a topic. */
final class RecordHeaders {
    private RecordHeaders() {}

    /** The trace of the only record of a topic that is part of one. */
    static String traceOf(Connection connection, String topic) {
        Map<String, Object> properties = connection.properties();
        properties.put("auto.offset.reset", "earliest");
        try (var consumer =
                new KafkaConsumer<>(
                        properties, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
            var partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            for (int attempt = 0; attempt < 50; attempt++) {
                for (var record : consumer.poll(Duration.ofMillis(200))) {
                    var headers = new HashMap<String, byte[]>();
                    record.headers().forEach(h -> headers.put(h.key(), h.value()));
                    if (Tracing.traceId(headers) != null) {
                        return Objects.requireNonNull(Tracing.traceId(headers));
                    }
                }
            }
        }
        throw new AssertionError("no record of " + topic + " carries a trace");
    }
}
