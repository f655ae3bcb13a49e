package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkReport;
import java.time.Instant;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BrokerFixture.class)
final class TopicTrimmerIT {
    private static final Instant TOMORROW = Instant.now().plusSeconds(86_400);

    @Test
    void shouldDeleteOnlyWhatTheReaderHasTakenInAndNobodyLooksAtAnyMore(Connection connection)
            throws Exception {
        var topics = connection.topics();
        String topic = topics.results(StageName.PROMPT);
        new TopicSetup(connection).ensure(1);
        try (var publisher = new EventPublisher(connection, new EventCodec());
                var trimmer = new TopicTrimmer(connection);
                var admin = connection.admin()) {
            Instant begin = Instant.now().minusSeconds(1);
            for (int i = 0; i < 3; i++) {
                publisher.publish(report("work-" + i));
            }
            assertThat(trimmer.trim(topic, topics.flowGroup(), TOMORROW))
                    .as("nothing is committed")
                    .isEmpty();
            commit(admin, topics.flowGroup(), topic, 2);
            assertThat(trimmer.trim(topic, topics.flowGroup(), begin))
                    .as("too young")
                    .isEqualTo(Map.of(0, 0L));
            assertThat(trimmer.trim(topic, topics.flowGroup(), TOMORROW))
                    .as("the third is not taken in")
                    .isEqualTo(Map.of(0, 2L));
        }
    }

    private static WorkReport report(String id) {
        return new WorkReport(
                Work.prompt(id).work(),
                new Producer("w", "1@0", "host", "cpu", "cpu"),
                Instant.now(),
                new WorkReport.Started());
    }

    private static void commit(Admin admin, String group, String topic, long offset)
            throws Exception {
        admin.alterConsumerGroupOffsets(
                        group, Map.of(new TopicPartition(topic, 0), new OffsetAndMetadata(offset)))
                .all()
                .get();
    }
}
