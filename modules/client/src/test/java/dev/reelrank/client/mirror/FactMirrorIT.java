package dev.reelrank.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of facts as other clients read them: a real broker, and a registry of a few lines. */
final class FactMirrorIT {
    private static final EventCodec CODEC = new EventCodec();
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir static Path folder;
    private static EmbeddedBroker broker;
    private static HttpServer registry;
    private static volatile int answer = 200;
    private static final Map<Integer, String> SCHEMAS = new ConcurrentHashMap<>();
    private static final Map<String, Integer> SUBJECTS = new ConcurrentHashMap<>();

    @BeforeAll
    static void start() throws IOException {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
        new TopicSetup(broker.connection()).ensure(2);
        try (var publisher = new EventPublisher(broker.connection(), CODEC)) {
            publisher.publish(run("one"));
            publisher.publish(sample("one", "fox"));
        }
        registry = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        registry.createContext("/subjects/", FactMirrorIT::register);
        registry.start();
    }

    @AfterAll
    static void stop() {
        registry.stop(0);
        broker.close();
    }

    @Test
    void aRegistrysClientReadsEveryKindOfFactByTheNumberInFrontOfIt() throws Exception {
        var form = MirrorForm.registry(CODEC, new SchemaRegistry(address(), "user:hush"));
        mirror("avro.", form).runToEnd();

        var copies = copies("avro.runs");
        assertThat(copies).hasSize(2);
        for (ConsumerRecord<String, byte[]> copy : copies) {
            var bytes = ByteBuffer.wrap(copy.value());
            assertThat(bytes.get()).isZero();
            var schema = new Schema.Parser().parse(SCHEMAS.get(bytes.getInt()));
            var body = new byte[bytes.remaining()];
            bytes.get(body);
            GenericRecord record =
                    new GenericDatumReader<GenericRecord>(schema)
                            .read(null, DecoderFactory.get().binaryDecoder(body, null));
            assertThat(record.get("runId")).hasToString("one");
        }
        assertThat(copies).extracting(ConsumerRecord::key).contains("one", "one/fox");
        assertThat(SUBJECTS.keySet())
                .contains(
                        "avro.runs-dev.reelrank.pipeline.event.RunUpdated",
                        "avro.runs-dev.reelrank.pipeline.event.SampleUpdated");

        // It keeps its place: another one copies what came since, and nothing twice.
        try (var publisher = new EventPublisher(broker.connection(), CODEC)) {
            publisher.publish(run("two"));
        }
        mirror("avro.", form).runToEnd();
        assertThat(copies("avro.runs")).hasSize(3);
        assertThat(copies("avro.runs"))
                .extracting(ConsumerRecord::key)
                .containsOnlyOnce("one", "one/fox", "two");
    }

    @Test
    void aClientWithoutAvroReadsJson() throws Exception {
        mirror(
                        "json.",
                        MirrorForm.json(
                                CODEC,
                                event -> "{\"kind\":\"" + event.getClass().getSimpleName() + "\"}"))
                .runToEnd();
        var kinds = new ArrayList<String>();
        for (ConsumerRecord<String, byte[]> copy : copies("json.runs")) {
            JsonNode node = JSON.readTree(new String(copy.value(), StandardCharsets.UTF_8));
            kinds.add(node.path("kind").asText());
        }
        assertThat(kinds).contains("RunUpdated", "SampleUpdated");
    }

    @Test
    void aRegistryThatRefusesOrIsAwayIsNamedWithTheRemedy() {
        for (int status : new int[] {401, 409, 503}) {
            answer = status;
            try {
                assertThatThrownBy(() -> new SchemaRegistry(address(), null).id("s", "\"string\""))
                        .isInstanceOfSatisfying(
                                StageException.class,
                                e ->
                                        assertThat(e.code())
                                                .isEqualTo(
                                                        status == 503
                                                                ? FailureCode.ENDPOINT_UNAVAILABLE
                                                                : FailureCode.INVALID_CONFIG))
                        .hasMessageContaining(Integer.toString(status))
                        .hasMessageNotContaining("hush");
            } finally {
                answer = 200;
            }
        }
        assertThatThrownBy(() -> new SchemaRegistry("http://user:hush@registry:8081", null))
                .hasMessageContaining("REELRANK_REGISTRY_AUTH")
                .hasMessageNotContaining("hush");
        assertThatThrownBy(() -> new SchemaRegistry("registry:8081", null))
                .hasMessageContaining("http://registry:8081");
    }

    private static FactMirror mirror(String prefix, MirrorForm form) {
        var mirror = new FactMirror(broker.connection(), prefix, "test", form, count -> {});
        mirror.createTopics();
        return mirror;
    }

    private static List<ConsumerRecord<String, byte[]>> copies(String topic) {
        Connection connection = broker.connection();
        var properties = connection.properties();
        properties.put("isolation.level", "read_committed");
        var found = new ArrayList<ConsumerRecord<String, byte[]>>();
        try (var consumer =
                new KafkaConsumer<>(
                        properties, new StringDeserializer(), new ByteArrayDeserializer())) {
            var partitions =
                    consumer.partitionsFor(topic).stream()
                            .map(p -> new TopicPartition(topic, p.partition()))
                            .toList();
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            var ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream()
                    .anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(Duration.ofMillis(200)).forEach(found::add);
            }
        }
        return found;
    }

    private static String address() {
        return "http://127.0.0.1:" + registry.getAddress().getPort();
    }

    /** POST /subjects/NAME/versions: equal schemas have equal numbers. */
    private static void register(HttpExchange exchange) throws IOException {
        try (exchange) {
            String expected =
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString("user:hush".getBytes(StandardCharsets.UTF_8));
            boolean allowed =
                    expected.equals(exchange.getRequestHeaders().getFirst("Authorization"));
            int status = answer != 200 ? answer : allowed ? 200 : 401;
            String body = "{\"error_code\":40101}";
            if (status == 200) {
                String schema = JSON.readTree(exchange.getRequestBody()).path("schema").asText();
                String subject = exchange.getRequestURI().getPath().split("/")[2];
                int id = SUBJECTS.computeIfAbsent(subject, s -> COUNT.incrementAndGet());
                SCHEMAS.put(id, schema);
                body = "{\"id\":" + id + "}";
            }
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(status, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private static final AtomicInteger COUNT = new AtomicInteger(100_000);

    private static RunUpdated run(String id) {
        return new RunUpdated(
                id,
                RunUpdated.Status.DONE,
                1,
                1,
                0,
                0,
                RunConfiguration.defaults(),
                null,
                Instant.EPOCH,
                Instant.EPOCH,
                List.of());
    }

    private static SampleUpdated sample(String run, String id) {
        return new SampleUpdated(
                run,
                id,
                SampleUpdated.Status.DONE,
                false,
                0,
                StageName.GRADE,
                List.of(),
                Instant.EPOCH);
    }
}
