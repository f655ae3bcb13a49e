package dev.reelrank.bus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunClosed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(BrokerFixture.class)
class EventReaderIT {
    private static final EventCodec CODEC = new EventCodec();

    private static RetryRequested retry(String run, int sample) {
        return new RetryRequested(run, "s" + sample, "me", Instant.EPOCH);
    }

    private static List<Event> toEnd(EventReader reader) {
        var events = new ArrayList<Event>();
        reader.readToEnd(stored -> events.add(stored.event()));
        return events;
    }

    private static EventReader reader(Connection connection) {
        return new EventReader(connection, CODEC, List.of(connection.topics().submissions()));
    }

    @Test
    void shouldReadToTheEndAndThenFollow(Connection connection) {
        new TopicSetup(connection).ensure(3);
        try (var publisher = new EventPublisher(connection, CODEC);
                var reader = reader(connection);
                var fresh = reader(connection).fromEnd()) {
            assertThat(toEnd(reader)).isEmpty();
            var events = new ArrayList<Event>();
            for (int i = 0; i < 50; i++) {
                events.add(retry("run", i));
            }
            publisher.publish(events);

            assertThat(toEnd(reader)).containsExactlyInAnyOrderElementsOf(events);
            assertThat(toEnd(fresh)).hasSize(50);
            Event late = retry("run", 99);
            publisher.publish(late);
            var followed = new ArrayList<StoredEvent>();
            while (followed.isEmpty()) {
                followed.addAll(reader.poll(Duration.ofSeconds(5)));
            }
            assertThat(followed).singleElement().extracting(StoredEvent::event).isEqualTo(late);
            assertThat(followed.get(0).key()).isEqualTo("run/s99");
        }
    }

    @Test
    void shouldGiveTheEventsOfARunOnly(Connection connection) {
        new TopicSetup(connection).ensure(2);
        Event close = new RunClosed("run", "submission", 1, Instant.EPOCH);
        try (var publisher = new EventPublisher(connection, CODEC);
                var reader = reader(connection).onlyRun("run")) {
            publisher.publish(List.of(retry("run", 1), retry("run2", 2), retry("ru", 3), close));

            assertThat(toEnd(reader)).containsExactlyInAnyOrder(retry("run", 1), close);
        }
    }

    @Test
    void shouldSkipWhatIsNoEventAndWhatWasNotCommittedButStopAtANewerSchema(Connection connection) {
        new TopicSetup(connection).ensure(1);
        String topic = connection.topics().submissions();
        Map<String, Object> properties = connection.properties();
        properties.put("transactional.id", connection.prefix() + "tx");
        byte[] newer = CODEC.encode(retry("run", 2));
        newer[3] ^= 1;
        try (var producer =
                        new KafkaProducer<>(
                                properties, new StringSerializer(), new ByteArraySerializer());
                var reader = reader(connection)) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "k", CODEC.encode(retry("aborted", 1))));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "k", new byte[] {1, 2, 3}));
            producer.send(new ProducerRecord<>(topic, "k", CODEC.encode(retry("run", 1))));
            producer.commitTransaction();

            assertThat(toEnd(reader)).containsExactly(retry("run", 1));
            assertThat(reader.unreadable()).isEqualTo(1);

            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "k", newer));
            producer.commitTransaction();
            assertThatThrownBy(() -> toEnd(reader))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.UNKNOWN_SCHEMA))
                    .hasMessageContaining(topic + "-0@");
        }
    }

    @Test
    void shouldNeverWaitWithWhatIsOffered(Connection connection) throws Exception {
        new TopicSetup(connection).ensure(1);
        try (var publisher = new EventPublisher(connection, CODEC);
                var reader = reader(connection);
                var away = new EventPublisher(Connection.to("127.0.0.1:1"), CODEC)) {
            Instant start = Instant.now();
            for (int i = 0; i < 100; i++) {
                away.offer(retry("away", i));
            }
            assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(2));

            List<StoredEvent> read = List.of();
            for (int i = 0; i < 100 && read.isEmpty(); i++) {
                publisher.offer(retry("run", i));
                read = reader.poll(Duration.ofMillis(100));
            }
            assertThat(read).isNotEmpty();
        }
    }

    @Test
    void shouldNameTheTopicThatDoesNotExist(Connection connection) {
        assertThatThrownBy(() -> reader(connection))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.TOPIC_MISCONFIGURED))
                .hasMessageContaining(connection.topics().submissions());
    }
}
