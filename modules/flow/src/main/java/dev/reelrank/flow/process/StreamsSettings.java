package dev.reelrank.flow.process;

import dev.reelrank.bus.Connection;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The settings of Kafka Streams: nothing is written twice, a hop takes a fraction of a second, and
 * a process that died is replaced within seconds. docs/flow.md has the reasons and the
 * measurements.
 */
final class StreamsSettings {
    /** The broker aborts a transaction of this age: readers no longer wait for its outcome. */
    private static final int TRANSACTION_MILLIS = 10_000;

    private static final int SESSION_MILLIS = 10_000;
    private static final int MAX_MESSAGE_BYTES = 16 << 20;

    private StreamsSettings() {}

    static Properties of(Connection connection, StateFolder state, int threads, long commitMillis) {
        var p = new Properties();
        p.putAll(connection.properties());
        p.put(StreamsConfig.APPLICATION_ID_CONFIG, connection.topics().flowGroup());
        p.put(StreamsConfig.CLIENT_ID_CONFIG, "flow-" + state.instance());
        p.put(StreamsConfig.STATE_DIR_CONFIG, state.folder().toString());
        p.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, threads);
        p.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        // The topology still changes between versions; the streams protocol would need a new group.
        p.put(StreamsConfig.GROUP_PROTOCOL_CONFIG, "classic");
        p.put(StreamsConfig.ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING_CONFIG, true);

        // Latency: what a transaction holds is seen when it commits, and a thread that waits for
        // records commits nothing.
        p.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, commitMillis);
        p.put(StreamsConfig.POLL_MS_CONFIG, 10);
        // As Kafka 5 does by itself: a fault in the table of standards ends the thread like any
        // other.
        p.put("processing.exception.handler.global.enabled", true);
        // Topics are not ordered among each other; nothing here waits for the slower of two.
        p.put(StreamsConfig.MAX_TASK_IDLE_MS_CONFIG, -1L);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.LINGER_MS_CONFIG), 0);
        p.put(StreamsConfig.consumerPrefix(ConsumerConfig.FETCH_MAX_WAIT_MS_CONFIG), 100);

        // Recovery: a restarted process takes over its own place in the group at once; another one
        // takes over when the session has run out.
        p.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG),
                state.instance());
        p.put(
                StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG),
                SESSION_MILLIS);
        p.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.HEARTBEAT_INTERVAL_MS_CONFIG), 1_000);
        p.put(
                StreamsConfig.producerPrefix(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG),
                TRANSACTION_MILLIS);
        p.put(StreamsConfig.producerPrefix(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG), 10_000);
        p.put(
                StreamsConfig.producerPrefix(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
                MAX_MESSAGE_BYTES);
        p.put(ConsumerConfig.RECONNECT_BACKOFF_MAX_MS_CONFIG, 1_000);

        // The state of a sample may be as large as what was submitted.
        p.put(StreamsConfig.topicPrefix("max.message.bytes"), Integer.toString(MAX_MESSAGE_BYTES));
        return p;
    }
}
