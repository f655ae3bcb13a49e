package dev.reelrank.bench.whole;

import dev.reelrank.bus.Connection;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.junit.jupiter.Container;
import org.testcontainers.junit.jupiter.Testcontainers;
import org.testcontainers.kafka.KafkaContainer;

/**
 * Against the image that deployments use; skipped where there is no Docker engine. What it asserts
 * is shown to hold by {@link EmbeddedBrokerIT}.
 */
@Testcontainers(disabledWithoutDocker = true)
final class ExistingClusterIT {
    @Container
    private static final KafkaContainer KAFKA =
            new KafkaContainer("apache/kafka:4.3.1")
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_REPLICATION_FACTOR", "1")
                    .withEnv("KAFKA_SHARE_COORDINATOR_STATE_TOPIC_MIN_ISR", "1");

    @TempDir Path folder;

    @Test
    void shouldTakeAWholeSampleThroughInOneTrace() throws Exception {
        new WholeSample(Connection.to(KAFKA.getBootstrapServers()), folder)
                .shouldGoThroughEveryStageOnceAndInOneTrace();
    }
}
