package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/** Against the image that deployments use; skipped where there is no Docker engine. */
@Testcontainers(disabledWithoutDocker = true)
class ExistingClusterIT {
    @Container
    private static final KafkaContainer KAFKA =
            new KafkaContainer("apache/kafka:4.3.1")
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");

    @Test
    void shouldSendOneSampleThroughTheQueue() {
        Connection connection = Connection.to(KAFKA.getBootstrapServers());
        var codec = new EventCodec();
        new TopicSetup(connection).ensure(2);
        try (var publisher = new EventPublisher(connection, codec);
                var queue =
                        WorkQueue.open(
                                connection, codec, StageName.PROMPT, QueueSettings.of("test"))) {
            publisher.publish(Work.prompt("one"));

            List<Delivery> taken = queue.take(1, Duration.ofSeconds(60));

            assertThat(taken).hasSize(1);
            assertThat(taken.get(0).work().work().workId()).isEqualTo("one");
            assertThat(taken.get(0).accept()).isTrue();
        }
    }
}
