package dev.reelrank.bus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(120)
@ExtendWith(BrokerFixture.class)
class WorkQueueIT {
    private static final EventCodec CODEC = new EventCodec();
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(1_500);

    private final Connection connection;
    private final List<AutoCloseable> open = new ArrayList<>();
    private EventPublisher publisher;

    WorkQueueIT(Connection connection) {
        this.connection = connection;
    }

    @BeforeEach
    void start() {
        new TopicSetup(connection).ensure(1);
        publisher = closing(new EventPublisher(connection, CODEC));
    }

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable c : open) {
            c.close();
        }
    }

    private <T extends AutoCloseable> T closing(T closeable) {
        open.add(0, closeable);
        return closeable;
    }

    private WorkQueue queue(String name) {
        return closing(
                WorkQueue.open(
                        connection,
                        CODEC,
                        StageName.PROMPT,
                        new QueueSettings(name, Duration.ofSeconds(5))));
    }

    private void submit(int from, int to) {
        IntStream.range(from, to).forEach(i -> publisher.publish(Work.prompt("w" + i)));
    }

    private static List<String> ids(List<Delivery> deliveries) {
        return deliveries.stream().map(d -> d.work().work().workId()).toList();
    }

    @Test
    void shouldTakeWhatIsThereUpToTheLimitWithoutWaitingForMore() {
        submit(0, 4);
        WorkQueue queue = queue("a");

        List<Delivery> three = queue.take(3, LONG);
        assertThat(ids(three)).containsExactly("w0", "w1", "w2");
        assertThat(three).allSatisfy(d -> assertThat(d.deliveryCount()).isEqualTo(1));
        assertThat(three).allSatisfy(d -> assertThat(d.accept()).isTrue());
        List<Delivery> one = queue.take(3, LONG);

        assertThat(ids(one)).containsExactly("w3");
        assertThat(one.get(0).accept()).isTrue();
        assertThat(queue.take(3, SHORT)).isEmpty();
    }

    @Test
    void shouldRefuseToTakeMoreWhileSomethingIsHeld() {
        submit(0, 2);
        WorkQueue queue = queue("a");
        queue.take(1, LONG);

        assertThatThrownBy(() -> queue.take(1, SHORT))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("not accepted yet");
    }

    @Test
    void shouldKeepABatchBeyondItsLockWhileItsRecordsAreSettledOneByOne() throws Exception {
        submit(0, 9);
        WorkQueue holder = queue("holder");
        List<Delivery> batch = new ArrayList<>(holder.take(9, LONG));
        assertThat(batch).hasSize(9);
        WorkQueue other = queue("other");

        // Longer than the lock, with records settled between the renewals.
        for (int i = 0; i < 4; i++) {
            Thread.sleep(2_000);
            assertThat(batch.remove(i % batch.size()).accept()).isTrue();
            assertThat(other.take(9, Duration.ZERO)).isEmpty();
        }

        assertThat(batch).noneMatch(Delivery::lost);
        assertThat(batch).allSatisfy(d -> assertThat(d.accept()).isTrue());
        submit(9, 10);
        assertThat(ids(holder.take(9, LONG))).containsExactly("w9");
    }

    @Test
    void shouldHandRecordsOnAtOnceWhenTheirProcessIsKilled() throws Exception {
        submit(0, 2);
        Process killed = QueueHolder.start(connection, 9);
        try (var out = new BufferedReader(new InputStreamReader(killed.getInputStream(), UTF_8))) {
            assertThat(out.readLine()).isEqualTo("2");
        }
        WorkQueue heir = queue("heir");
        assertThat(heir.take(9, SHORT)).isEmpty();

        Instant start = Instant.now();
        killed.destroyForcibly();
        List<Delivery> inherited = heir.take(9, LONG);
        Duration delay = Duration.between(start, Instant.now());

        assertThat(ids(inherited)).containsExactly("w0", "w1");
        assertThat(inherited).allSatisfy(d -> assertThat(d.deliveryCount()).isEqualTo(2));
        assertThat(delay).isLessThan(Duration.ofSeconds(3));
    }

    @Test
    void shouldHandRecordsOnAfterTheLockWhenTheirProcessHangs() throws Exception {
        submit(0, 1);
        Process hung = QueueHolder.start(connection, 1);
        try (var out = new BufferedReader(new InputStreamReader(hung.getInputStream(), UTF_8))) {
            assertThat(out.readLine()).isEqualTo("1");
            WorkQueue heir = queue("heir");

            signal(hung, "STOP");
            List<Delivery> inherited = heir.take(1, LONG);

            assertThat(ids(inherited)).containsExactly("w0");
            assertThat(inherited.get(0).deliveryCount()).isEqualTo(2);
            signal(hung, "CONT");
            // Its log comes on the same way.
            assertThat(out.lines()).contains("lost");
            assertThat(inherited.get(0).accept()).isTrue();
        } finally {
            hung.destroyForcibly();
        }
    }

    private static void signal(Process process, String name) throws Exception {
        var command = List.of("kill", "-" + name, Long.toString(process.pid()));
        assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    }

    @Test
    void shouldHandRecordsOnWhenTheQueueIsClosedBeforeTheyAreAccepted() {
        submit(0, 1);
        WorkQueue first = queue("first");
        assertThat(first.take(1, LONG)).hasSize(1);

        first.close();

        assertThat(ids(queue("second").take(1, LONG))).containsExactly("w0");
    }

    @Test
    void shouldMakeOneDeliveryOfTwoRecordsOfTheSameWork() {
        publisher.publish(List.of(Work.prompt("same", 1), Work.prompt("same", 2)));
        WorkQueue queue = queue("a");

        List<Delivery> taken = queue.take(9, LONG);

        assertThat(ids(taken)).containsExactly("same");
        assertThat(taken.get(0).accept()).isTrue();
        assertThat(queue.take(9, SHORT)).isEmpty();
        try (var view = new QueueView(connection)) {
            assertThat(view.owed(StageName.PROMPT).empty()).isTrue();
        }
    }

    @Test
    void shouldSurfaceWhatIsNoWorkAndGoOnWithTheRest() {
        byte[] newer = CODEC.encode(Work.prompt("newer"));
        newer[4] ^= 1;
        raw(null, "{\"json\": true}".getBytes(UTF_8));
        raw("key", newer);
        submit(0, 1);
        WorkQueue queue = queue("a");

        List<Delivery> taken = queue.take(9, LONG);
        while (taken.size() < 3) {
            // The three records may come in two batches.
            taken.forEach(Delivery::accept);
            var more = new ArrayList<>(taken);
            more.addAll(queue.take(9, LONG));
            taken = more;
        }

        assertThat(taken.get(0).work()).isNull();
        assertThat(taken.get(0).unreadable().code()).isEqualTo(FailureCode.UNDECODABLE);
        assertThat(taken.get(0).payload()).asString().contains("json");
        assertThat(taken.get(0).source()).endsWith("work.prompt-0@0");
        assertThat(taken.get(1).unreadable().code()).isEqualTo(FailureCode.UNKNOWN_SCHEMA);
        assertThat(taken.get(2).work().work().workId()).isEqualTo("w0");
    }

    private void raw(String key, byte[] value) {
        try (var producer =
                new KafkaProducer<>(
                        connection.properties(),
                        new StringSerializer(),
                        new ByteArraySerializer())) {
            producer.send(
                    new ProducerRecord<>(connection.topics().work(StageName.PROMPT), key, value));
        }
    }

    @Test
    void shouldSeeCommittedRecordsOnlyAndTellWhatIsOwed() {
        Map<String, Object> properties = connection.properties();
        properties.put("transactional.id", connection.prefix() + "tx");
        WorkQueue queue = queue("a");
        var view = closing(new QueueView(connection));
        String topic = connection.topics().work(StageName.PROMPT);
        assertThat(view.owed(StageName.PROMPT).empty()).isTrue();
        assertThat(view.members(StageName.PROMPT)).isZero();
        try (var producer =
                new KafkaProducer<>(
                        properties, new StringSerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "x", CODEC.encode(Work.prompt("aborted"))));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(topic, "x", CODEC.encode(Work.prompt("committed"))));
            producer.commitTransaction();
        }
        assertThat(view.owed(StageName.PROMPT).empty()).isFalse();

        List<Delivery> taken = queue.take(9, LONG);
        QueueView.Owed owed = view.owed(StageName.PROMPT);
        assertThat(ids(taken)).containsExactly("committed");
        assertThat(owed.empty()).isFalse();
        assertThat(owed.settledBefore()).isEqualTo(taken.get(0).appendedAt());
        assertThat(view.members(StageName.PROMPT)).isEqualTo(1);

        Instant before = Instant.now();
        taken.get(0).accept();
        owed = view.owed(StageName.PROMPT);
        assertThat(owed.empty()).isTrue();
        assertThat(owed.settledBefore()).isAfterOrEqualTo(before);

        submit(0, 1);
        queue.take(9, LONG).forEach(Delivery::accept);
        assertThat(view.trim(StageName.PROMPT)).isGreaterThanOrEqualTo(4);
        assertThat(view.owed(StageName.PROMPT).empty()).isTrue();
    }
}
