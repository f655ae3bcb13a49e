package dev.reelrank.flow.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.Given;
import dev.reelrank.flow.json.JsonSources;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.RankingRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Flow against a real broker, with real processes that are really killed. */
final class FlowProcessIT {
    private static final EventCodec CODEC = new EventCodec();
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    @TempDir private static Path folder;
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() {
        broker = EmbeddedBroker.start(folder.resolve("broker"));
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void shouldLoseNothingAndWriteNoFactTwiceWhenItIsKilledAgainAndAgain() throws Exception {
        int samples = 25;
        var random = new Random(7);
        var connection = broker.connection();
        var topics = connection.topics();
        new TopicSetup(connection).ensure(2);
        var flows = new ArrayList<Process>();
        for (int i = 0; i < 2; i++) {
            flows.add(flow(connection));
        }
        try (var publisher = new EventPublisher(connection, CODEC);
                var workers = new Workers(connection, CODEC, publisher);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()))) {
            publisher.publish(
                    new RunOpened("run-1", Given.configuration(1L, 2L, 3L), null, Given.NOW));
            for (int i = 0; i < samples; i++) {
                publisher.publish(Given.sample("s" + i, 1L, 2L, 3L));
                if (i % 8 == 4) {
                    // The dead one's successor takes its place over.
                    var victim = flows.remove(random.nextInt(2));
                    victim.destroyForcibly().waitFor();
                    flows.add(flow(connection));
                    Thread.sleep(random.nextInt(2_000));
                }
            }
            publisher.publish(new RunClosed("run-1", "submission-1", samples, Given.NOW));
            awaitDone(runs, "run-1");
        } finally {
            flows.forEach(Process::destroy);
        }
        var facts = facts(connection);
        var perKind = new HashMap<String, Integer>();
        var identities = new HashMap<Object, Integer>();
        for (var event : facts) {
            if (event instanceof StageFact f) {
                perKind.merge(f.work().stage().id(), 1, Integer::sum);
                identities.merge(List.of(f.work().workId(), f.work().epoch()), 1, Integer::sum);
            } else if (event instanceof SampleFact f) {
                perKind.merge("sample", 1, Integer::sum);
                identities.merge(f.sampleId(), 1, Integer::sum);
            }
        }
        assertThat(identities.values()).as("facts twice").containsOnly(1);
        assertThat(perKind)
                .isEqualTo(
                        Map.of(
                                "sample", samples,
                                "prompt", samples,
                                "candidate", 3 * samples,
                                "ranking", samples,
                                "grade", samples));
    }

    @Test
    void shouldGoOnWhenTheBrokerIsKilledAndComesBack() throws Exception {
        var path = folder.resolve("dying-broker");
        var first = EmbeddedBroker.start(path);
        var connection = first.connection();
        var topics = connection.topics();
        var flow = FlowProcess.start(options(connection));
        try (var publisher = new EventPublisher(connection, CODEC);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()))) {
            await(flow::running, "flow to run");
            submit(publisher, Given.sample("s1", 1L));
            first.kill();
            try (var second = EmbeddedBroker.start(path);
                    var ending = flow;
                    var workers = new Workers(connection, CODEC, publisher)) {
                awaitDone(runs, "run-1");
            }
        }
    }

    @Test
    void shouldBringBackAWorkRecordThatWasDeleted() throws Exception {
        var connection = broker.connection().withPrefix("deleted.");
        var topics = connection.topics();
        try (var flow = FlowProcess.start(options(connection));
                var publisher = new EventPublisher(connection, CODEC);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()));
                var admin = connection.admin()) {
            submit(publisher, Given.sample("s1", 1L));
            var queue = new TopicPartition(topics.work(StageName.PROMPT), 0);
            await(() -> endOf(connection, queue) > 0, "work on the queue");
            admin.deleteRecords(
                            Map.of(queue, RecordsToDelete.beforeOffset(endOf(connection, queue))))
                    .all()
                    .get();
            try (var workers = new Workers(connection, CODEC, publisher)) {
                awaitDone(runs, "run-1");
            }
            assertThat(flow.running()).isTrue();
            assertThat(folder.resolve("heartbeat")).isNotEmptyFile();
        }
    }

    @Test
    void shouldMakeCandidatesOfSeveralModelsAndRankThemAgainstEachOther() throws Exception {
        var connection = broker.connection().withPrefix("several.");
        var topics = connection.topics();
        var asked = List.of(topics.work(StageName.CANDIDATE), topics.work(StageName.RANKING));
        try (var flow = FlowProcess.start(options(connection));
                var publisher = new EventPublisher(connection, CODEC);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()));
                var workers = new Workers(connection, CODEC, publisher)) {
            submit(publisher, Given.ofModels("s1", List.of("fox", "owl"), 3L, 1L));
            awaitDone(runs, "run-1");
            assertThat(flow.running()).isTrue();
        }
        var candidates = new ArrayList<String>();
        var ranked = new ArrayList<String>();
        try (var reader = new EventReader(connection, CODEC, asked)) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof WorkItem item
                                && item.request() instanceof CandidateRequest r) {
                            candidates.add(r.seed() + " " + r.config().model());
                        } else if (stored.event() instanceof WorkItem item
                                && item.request() instanceof RankingRequest r) {
                            r.candidates().forEach(v -> ranked.add(v.seed() + " " + v.model()));
                        }
                    });
        }
        assertThat(candidates).containsExactlyInAnyOrder("3 fox", "1 fox", "4 owl", "5 owl");
        assertThat(ranked).containsExactly("3 fox", "1 fox", "4 owl", "5 owl");
    }

    @Test
    void shouldDeleteWhatItHasTakenInAndKeepTheFacts() throws Exception {
        var connection = broker.connection().withPrefix("trimmed.");
        var topics = connection.topics();
        try (var flow = FlowProcess.start(options(connection));
                var publisher = new EventPublisher(connection, CODEC);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()));
                var workers = new Workers(connection, CODEC, publisher)) {
            submit(publisher, Given.sample("s1", 1L));
            awaitDone(runs, "run-1");
            await(
                    () ->
                            topics.flowInbox().stream()
                                    .allMatch(topic -> remaining(connection, topic) == 0),
                    "submissions and reports to be deleted");
            // What follows from them is untouched, and a second submission still starts nothing.
            submit(publisher, Given.sample("s1", 1L));
            Thread.sleep(1_000);
            assertThat(flow.running()).isTrue();
        }
        assertThat(facts(connection)).hasSize(5);
    }

    @Test
    void shouldTryFurtherSeedsUntilOneIsKeptAndNameWhatTheEndRestsOn() throws Exception {
        var connection = broker.connection().withPrefix("further.");
        var topics = connection.topics();
        try (var flow = FlowProcess.start(options(connection));
                var publisher = new EventPublisher(connection, CODEC);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()));
                var workers =
                        new Workers(connection, CODEC, publisher, FlowProcessIT::keepTheThird)) {
            submit(publisher, Given.withRetrySeeds(5, "s1", 3L, 1L));
            awaitDone(runs, "run-1");
            assertThat(flow.running()).isTrue();
        }
        var end = sampleEnd(connection);
        assertThat(end.status()).isEqualTo(SampleUpdated.Status.DONE);
        assertThat(end.epoch()).isEqualTo(2);
        await(() -> latest(connection).equals(end.restsOn()), "the facts that the end rests on");
        assertThat(facts(connection))
                .filteredOn(StageFact.class::isInstance)
                .extracting(e -> ((StageFact) e).work())
                .filteredOn(w -> w.stage().equals(StageName.CANDIDATE))
                .extracting(WorkRef::seed)
                .containsExactlyInAnyOrder(1L, 3L, 4L, 5L);
    }

    private static WorkReport keepTheThird(WorkItem item) {
        boolean keep = item.work().epoch() == 2;
        return item.work().stage().equals(StageName.GRADE)
                ? Given.success(item, Given.grade(keep ? "keep" : "reject"))
                : Given.success(item);
    }

    /** Of each piece of work the epoch of its latest fact. */
    private static Map<String, Integer> latest(Connection connection) {
        var latest = new HashMap<String, Integer>();
        for (var event : facts(connection)) {
            if (event instanceof StageFact fact) {
                latest.merge(fact.work().workId(), fact.work().epoch(), Math::max);
            }
        }
        return latest;
    }

    private static SampleUpdated sampleEnd(Connection connection) {
        var updates = new ArrayList<SampleUpdated>();
        var runs = List.of(connection.topics().runs());
        try (var reader = new EventReader(connection, CODEC, runs)) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof SampleUpdated update) {
                            updates.add(update);
                        }
                    });
        }
        return updates.get(updates.size() - 1);
    }

    @Test
    void shouldTakeJsonFromAnyClientAndRefuseWhatIsNoneWithoutStopping() throws Exception {
        var connection = broker.connection().withPrefix("json.");
        var topics = connection.topics();
        var json = new JsonSources((preset, keys) -> Given.configuration(1L), null);
        var good =
                """
                {"run": "run-1", "sample": "fox", "prompt": "a fox runs",
                 "image": {"uri": "file:///in/fox.png", "sha256": "%s", "size": 12}}
                """
                        .formatted("a".repeat(64));
        try (var flow = FlowProcess.start(options(connection, FlowSettings.DEFAULT, json));
                var publisher = new EventPublisher(connection, CODEC);
                var workers = new Workers(connection, CODEC, publisher);
                var runs = new EventReader(connection, CODEC, List.of(topics.runs()));
                var producer =
                        new KafkaProducer<>(
                                connection.properties(),
                                new StringSerializer(),
                                new StringSerializer())) {
            // No key and no header, as kcat sends a line.
            for (String text :
                    List.of("no json", good.replace("fox runs", "fox\n"), good, good, "")) {
                producer.send(new ProducerRecord<>(topics.jsonSubmissions(), text)).get();
            }
            byKcat(connection, good.replace("run-1", "run-2").replaceAll("\\s*\\n\\s*", " "));
            awaitDone(runs, "run-1");
            await(() -> letters(connection).size() == 3, "dead letters");
            assertThat(flow.running()).isTrue();
            assertThat(get(flow.port(), "/metrics").body())
                    .contains("reelrank_flow_json_total{outcome=\"refused\"} 3.0")
                    .contains("reelrank_flow_json_total{outcome=\"taken\"}");
        }
        assertThat(letters(connection))
                .allSatisfy(
                        letter -> {
                            assertThat(letter.code()).isEqualTo(FailureCode.INVALID_SAMPLE);
                            assertThat(letter.source()).contains("submissions.json-");
                        })
                .anySatisfy(letter -> assertThat(letter.message()).contains("is not JSON"));
        // The same record twice is one sample.
        assertThat(facts(connection).stream().filter(f -> f.toString().contains("run-1")))
                .hasSize(5);
    }

    /** As docs/clients.md shows it, where there is a kcat. */
    private static void byKcat(Connection connection, String json) throws Exception {
        var command =
                new ProcessBuilder(
                        "kcat",
                        "-P",
                        "-b",
                        connection.bootstrap(),
                        "-t",
                        connection.topics().jsonSubmissions());
        Process kcat;
        try {
            kcat = command.redirectErrorStream(true).start();
        } catch (IOException e) {
            System.err.println("there is no kcat here: JSON was sent by Java alone");
            return;
        }
        try (var out = kcat.getOutputStream()) {
            out.write((json + "\n").getBytes(StandardCharsets.UTF_8));
        }
        var said = new String(kcat.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(kcat.waitFor()).as(said).isZero();
        try (var runs =
                new EventReader(connection, CODEC, List.of(connection.topics().runs()))
                        .onlyRun("run-2")) {
            awaitDone(runs, "run-2");
        }
    }

    private static List<DeadLetter> letters(Connection connection) {
        var letters = new ArrayList<DeadLetter>();
        var dead = List.of(connection.topics().dead(StageName.PROMPT));
        try (var reader = new EventReader(connection, CODEC, dead)) {
            reader.readToEnd(stored -> letters.add((DeadLetter) stored.event()));
        }
        return letters;
    }

    @Test
    void shouldPauseAtANewerSchemaSayItAndCommitNothingBeyondIt() throws Exception {
        var connection = broker.connection().withPrefix("newer.");
        var topics = connection.topics();
        var newer = CODEC.encode(Given.sample("s1", 1L));
        newer[5] ^= 0x55;
        try (var flow = FlowProcess.start(options(connection));
                var publisher = new EventPublisher(connection, CODEC);
                var producer =
                        new KafkaProducer<>(
                                connection.properties(),
                                new StringSerializer(),
                                new ByteArraySerializer())) {
            await(flow::running, "flow to run");
            producer.send(new ProducerRecord<>(topics.submissions(), 0, "run-1/s1", newer)).get();
            await(() -> !flow.running(), "flow to pause");
            var health = get(flow.port(), "/health");
            assertThat(health.statusCode()).isEqualTo(503);
            assertThat(health.body()).contains("PAUSED").contains("upgrade this process");
            try (var admin = connection.admin()) {
                var committed =
                        admin.listConsumerGroupOffsets("newer.flow")
                                .partitionsToOffsetAndMetadata()
                                .get()
                                .get(new TopicPartition(topics.submissions(), 0));
                assertThat(committed == null ? 0 : committed.offset()).isZero();
            }
            assertThat(get(flow.port(), "/metrics").body()).contains("reelrank_queue_lag");
        }
    }

    @Test
    void shouldGoOnBehindFifteenBytesThatStoppedFlow() throws Exception {
        var connection = broker.connection().withPrefix("quarantine.");
        var topics = connection.topics();
        var newer = CODEC.encode(Given.sample("s0", 1L));
        newer[5] ^= 0x55;
        var bytes = Arrays.copyOf(newer, 15);
        var settings = options(connection).settings().withQuarantineAfter(Duration.ofSeconds(2));
        try (var flow = FlowProcess.start(options(connection, settings));
                var publisher = new EventPublisher(connection, CODEC);
                var runs =
                        new EventReader(connection, CODEC, List.of(topics.runs()))
                                .onlyRun("run-1");
                var workers = new Workers(connection, CODEC, publisher);
                var producer =
                        new KafkaProducer<>(
                                connection.properties(),
                                new StringSerializer(),
                                new ByteArraySerializer())) {
            await(flow::running, "flow to run");
            for (int partition = 0; partition < 2; partition++) {
                producer.send(new ProducerRecord<>(topics.submissions(), partition, "x/y", bytes))
                        .get();
            }
            producer.send(new ProducerRecord<>(topics.runs(), 0, "x", bytes)).get();
            await(() -> !flow.running(), "flow to pause");
            submit(publisher, Given.sample("s1", 1L));
            awaitDone(runs, "run-1");
            assertThat(flow.running()).isTrue();
            assertThat(get(flow.port(), "/health").statusCode()).isEqualTo(200);
        }
        assertThat(letters(connection))
                .hasSize(2)
                .allSatisfy(
                        letter -> {
                            assertThat(letter.code()).isEqualTo(FailureCode.UNKNOWN_SCHEMA);
                            assertThat(letter.payload()).isEqualTo(bytes);
                            assertThat(letter.source()).contains("submissions-");
                        });
    }

    private static FlowProcess.Options options(Connection connection) {
        return options(
                connection,
                FlowSettings.DEFAULT
                        .withReemitAfter(Duration.ofSeconds(2))
                        .withEmissionMargin(Duration.ofSeconds(1)));
    }

    private static FlowProcess.Options options(Connection connection, FlowSettings settings) {
        return options(connection, settings, null);
    }

    private static FlowProcess.Options options(
            Connection connection, FlowSettings settings, JsonSources json) {
        return new FlowProcess.Options(
                connection,
                folder.resolve("state"),
                1,
                Duration.ofMillis(50),
                2,
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ZERO,
                new InetSocketAddress("127.0.0.1", 0),
                folder.resolve("heartbeat"),
                settings,
                SamplePath.STANDARD,
                json);
    }

    private static Process flow(Connection connection) throws Exception {
        return FlowMain.start(
                folder.resolve("flow.log"),
                "--bootstrap",
                connection.bootstrap(),
                "--state-dir",
                folder.resolve("state").toString());
    }

    private static void submit(EventPublisher publisher, SampleSubmitted sample) {
        publisher.publish(new RunOpened(sample.runId(), sample.configuration(), null, Given.NOW));
        publisher.publish(sample);
        publisher.publish(new RunClosed(sample.runId(), sample.submissionId(), 1, Given.NOW));
    }

    private static void awaitDone(EventReader runs, String run) {
        var limit = Instant.now().plus(PATIENCE);
        RunUpdated last = null;
        while (Instant.now().isBefore(limit)) {
            for (var stored : runs.poll(Duration.ofMillis(200))) {
                if (stored.event() instanceof RunUpdated update && update.runId().equals(run)) {
                    last = update;
                    if (update.status() == RunUpdated.Status.DONE) {
                        assertThat(update.failed()).isZero();
                        return;
                    }
                }
            }
        }
        throw new AssertionError("the run is not done, but: " + last);
    }

    private static List<Event> facts(Connection connection) {
        var topics = connection.topics();
        var names = new ArrayList<String>();
        names.add(topics.samples());
        for (var stage : topics.stages().names()) {
            names.add(topics.facts(stage));
        }
        var facts = new ArrayList<Event>();
        try (var reader = new EventReader(connection, CODEC, names)) {
            reader.readToEnd(stored -> facts.add(stored.event()));
        }
        return facts;
    }

    private static long endOf(Connection connection, TopicPartition partition) {
        try (var admin = connection.admin()) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        } catch (Exception e) {
            throw new AssertionError("no end of " + partition, e);
        }
    }

    private static long remaining(Connection connection, String topic) {
        long count = 0;
        try (var admin = connection.admin()) {
            for (int partition = 0; partition < 2; partition++) {
                var place = new TopicPartition(topic, partition);
                if (topic.endsWith(".tune") && partition > 0) {
                    continue;
                }
                count += endOf(connection, place);
                count -=
                        admin.listOffsets(Map.of(place, OffsetSpec.earliest()))
                                .partitionResult(place)
                                .get()
                                .offset();
            }
            return count;
        } catch (Exception e) {
            throw new AssertionError("no beginning of " + topic, e);
        }
    }

    private static HttpResponse<String> get(int port, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static void await(BooleanSupplier condition, String what) throws InterruptedException {
        var limit = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waiting for " + what).isBefore(limit);
            Thread.sleep(50);
        }
    }
}
