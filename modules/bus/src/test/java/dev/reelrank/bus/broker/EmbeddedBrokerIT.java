package dev.reelrank.bus.broker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedBrokerIT {
    private static final EventCodec CODEC = new EventCodec();

    @TempDir Path folder;

    @Test
    void shouldKeepItsDataAndPortsOverKillAndRestartAndEndWithItsParent() throws Exception {
        Event event = new RetryRequested("r", "s", "me", Instant.EPOCH);
        EmbeddedBroker first = EmbeddedBroker.start(folder);
        Connection connection = first.connection();
        try (var publisher = new EventPublisher(connection, CODEC)) {
            new TopicSetup(connection).ensure(2);
            publisher.publish(event);
            first.kill();
            // Waits for the broker that is started next.
            var during = CompletableFuture.runAsync(() -> publisher.publish(event));
            assertThat(new BrokerFolder(folder).running()).isFalse();

            try (EmbeddedBroker second = EmbeddedBroker.start(folder)) {
                assertThat(second.connection()).isEqualTo(connection);
                assertThat(new BrokerFolder(folder).running()).isTrue();
                during.get(30, TimeUnit.SECONDS);
                new TopicSetup(connection).check();
                assertThat(read(connection)).containsExactly(event, event);
                shouldRefuseASecondBrokerOnTheSameFolder(connection);

                second.close();
                assertThat(second.process().isAlive()).isFalse();
            }
        }
    }

    /** Without {@link KilledBroker} every second such restart left the transaction open forever. */
    @Test
    void shouldEndATransactionThatWasOpenWhenItWasKilled() throws Exception {
        var partition = new TopicPartition("written", 0);
        EmbeddedBroker first = EmbeddedBroker.start(folder);
        var settings = new HashMap<String, Object>(first.connection().properties());
        settings.put(ProducerConfig.TRANSACTIONAL_ID_CONFIG, "left");
        settings.put(ProducerConfig.TRANSACTION_TIMEOUT_CONFIG, 1000);
        try (var admin = Admin.create(first.connection().properties())) {
            admin.createTopics(List.of(new NewTopic(partition.topic(), 1, (short) 1))).all().get();
            var writer =
                    new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer());
            writer.initTransactions();
            writer.beginTransaction();
            writer.send(new ProducerRecord<>(partition.topic(), "never committed")).get();
            first.kill();
            writer.close(Duration.ZERO);
        }

        try (EmbeddedBroker second = EmbeddedBroker.start(folder);
                var admin = Admin.create(second.connection().properties())) {
            Instant limit = Instant.now().plusSeconds(15);
            while (open(admin, partition)) {
                assertThat(Instant.now()).as("the transaction is still open").isBefore(limit);
                Thread.sleep(100);
            }
        }
    }

    private static boolean open(Admin admin, TopicPartition partition) throws Exception {
        return admin
                .describeProducers(List.of(partition))
                .partitionResult(partition)
                .get()
                .activeProducers()
                .stream()
                .anyMatch(producer -> producer.currentTransactionStartOffset().isPresent());
    }

    private void shouldRefuseASecondBrokerOnTheSameFolder(Connection connection) {
        assertThatThrownBy(() -> EmbeddedBroker.start(folder))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("another broker runs on " + folder);
        connection.check(Duration.ofSeconds(10));
        assertThat(read(connection)).hasSize(2);
    }

    private static List<Event> read(Connection connection) {
        var events = new ArrayList<Event>();
        try (var reader =
                new EventReader(connection, CODEC, List.of(connection.topics().submissions()))) {
            reader.readToEnd(stored -> events.add(stored.event()));
        }
        return events;
    }

    @Test
    void shouldNameThePortWhenItIsTaken() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Files.writeString(
                    folder.resolve("broker.json"),
                    "{\"port\": %d, \"controllerPort\": 1}".formatted(taken.getLocalPort()));

            Process process =
                    new ProcessBuilder(
                                    ProcessHandle.current().info().command().orElse("java"),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    BrokerMain.class.getName(),
                                    folder.toString())
                            .start();
            String error = new String(process.getErrorStream().readAllBytes(), UTF_8);

            assertThat(process.waitFor()).isEqualTo(ExitCode.CONFIG);
            assertThat(error)
                    .contains(Integer.toString(taken.getLocalPort()))
                    .contains("delete broker.json");
        }
    }

    @Test
    void shouldSayThatNoBrokerAnswersWhenTheAddressIsWrong() {
        assertThatThrownBy(() -> Connection.to("127.0.0.1:1").check(Duration.ofSeconds(2)))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.BROKER_UNAVAILABLE))
                .hasMessageContaining("127.0.0.1:1")
                .hasMessageContaining("--bootstrap");
        assertThatThrownBy(() -> Connection.to("nowhere").check(Duration.ofSeconds(2)))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                .hasMessageContaining("nowhere");
    }
}
