package dev.reelrank.bench.whole;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.process.FlowMain;
import dev.reelrank.bench.process.JavaProcess;
import dev.reelrank.bench.waiting.WaitingWorker;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.Rights;
import dev.reelrank.bus.Role;
import dev.reelrank.bus.Route;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.testsupport.ScramBroker;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A farm on a cluster with TLS, SCRAM and rights, where each program has the rights of its role and
 * no others.
 */
@Timeout(240)
final class LeastRightsIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final EventCodec CODEC = new EventCodec();
    private static final List<StageName> STAGES =
            List.of(StageName.PROMPT, StageName.CANDIDATE, StageName.RANKING, StageName.GRADE);

    private static final String JSON =
            "{\"run\": \"by-kcat\", \"sample\": \"owl\", \"prompt\": \"an owl\","
                    + " \"config\": {\"candidate\": {\"seeds\": [1]}}, \"image\": {\"base64\":"
                    + " \"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC\"}}";

    @TempDir static Path folder;
    private static final Map<String, String> WORDS = new HashMap<>();
    private static ScramBroker broker;

    @BeforeAll
    static void start() throws Exception {
        for (String user :
                List.of("admin", "topics", "flow", "worker", "submitter", "reader", "kcat")) {
            WORDS.put(user, user + "-word-74218");
        }
        broker = ScramBroker.start(Files.createDirectory(folder.resolve("broker")), WORDS);
        as("admin").check(PATIENCE);
        grant("topics", Role.TOPICS);
        grant("flow", Role.FLOW);
        grant("worker", Role.WORKER);
        grant("submitter", Role.SUBMITTER);
        grant("reader", Role.READER);
        grant("kcat", Role.JSON_SUBMITTER);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void eachRoleHasWhatItNeedsAndNoMore() throws Exception {
        // As an operator does where nobody else may create topics.
        new TopicSetup(as("topics")).ensure(2);
        var processes = new ArrayList<JavaProcess>();
        try (var store = Stores.open(store());
                var publisher = new EventPublisher(as("submitter"), CODEC);
                var runs =
                        new EventReader(
                                as("reader"), CODEC, List.of(as("reader").topics().runs()))) {
            processes.add(
                    process(
                            "flow",
                            FlowMain.class,
                            List.of("--state-dir", folder.resolve("flow").toString())));
            STAGES.forEach(stage -> processes.add(worker(stage)));
            var submission = PromptedRun.of(Map.of("fox", "a fox"), List.of(1L));
            submission.submit(publisher, store);
            submitJson();
            awaitDone(runs, List.of(submission.runId(), "by-kcat"));
            assertNoWordOnAnyCommandLine(processes);
        } finally {
            JavaProcess.closeAll(processes);
        }
        assertNoWordInAnyLog();
        assertNobodyWritesFacts();
    }

    /** What the studio, a script or another team's program could try. */
    private static void assertNobodyWritesFacts() {
        Event event = new RetryRequested("r", "s", "test", Instant.now());
        var topics = as("reader").topics();
        for (String user : List.of("worker", "submitter", "reader", "kcat")) {
            for (String topic :
                    List.of(
                            topics.facts(StageName.PROMPT),
                            topics.runs(),
                            topics.work(StageName.PROMPT),
                            topics.dead(StageName.PROMPT))) {
                refused(user, topic, event);
            }
        }
        refused("reader", topics.submissions(), event);
        refused("worker", topics.submissions(), event);
        refused("submitter", topics.results(StageName.PROMPT), event);
        refused("kcat", topics.submissions(), event);
        assertThatThrownBy(
                        () -> {
                            try (var reader =
                                    new EventReader(as("kcat"), CODEC, List.of(topics.runs()))) {
                                reader.readToEnd(stored -> {});
                            }
                        })
                .isInstanceOf(Exception.class);
    }

    private static void refused(String user, String topic, Event event) {
        try (var publisher = new EventPublisher(as(user), CODEC)) {
            assertThatThrownBy(() -> publisher.publish(new Route(topic, "r/s"), event))
                    .as(user + " on " + topic)
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                    .hasMessageContaining("lacks the right")
                    .hasMessageNotContaining(WORDS.get(user));
        }
    }

    private static void submitJson() throws Exception {
        try (var producer =
                new KafkaProducer<>(
                        as("kcat").properties(), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(as("kcat").topics().jsonSubmissions(), JSON)).get();
        }
    }

    private static void awaitDone(EventReader runs, List<String> ids) {
        var open = new ArrayList<>(ids);
        var limit = Instant.now().plus(PATIENCE);
        while (!open.isEmpty()) {
            assertThat(Instant.now()).as("still open: %s", open).isBefore(limit);
            for (var stored : runs.poll(Duration.ofMillis(200))) {
                if (stored.event() instanceof RunUpdated update
                        && update.status() == RunUpdated.Status.DONE) {
                    assertThat(update.failed()).as(update.runId()).isZero();
                    open.remove(update.runId());
                }
            }
        }
    }

    /** As every user of the host can read it. */
    private static void assertNoWordOnAnyCommandLine(List<JavaProcess> processes)
            throws IOException {
        for (JavaProcess process : processes) {
            Path line = Path.of("/proc", process.pid().orElseThrow() + "", "cmdline");
            if (Files.exists(line)) {
                assertThat(Files.readString(line))
                        .contains("--kafka-config")
                        .doesNotContain("-word-");
            }
        }
    }

    private static void assertNoWordInAnyLog() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path log : files.filter(f -> f.toString().endsWith(".log")).toList()) {
                assertThat(Files.readString(log)).as(log.toString()).doesNotContain("-word-");
            }
        }
    }

    private JavaProcess worker(StageName stage) {
        return process(
                "worker",
                WaitingWorker.class,
                List.of(
                        "--stage", stage.id(),
                        "--name", "worker-" + stage.id(),
                        "--models", folder.toString(),
                        "--lease-dir", folder.resolve("leases").toString(),
                        "--drain-timeout", "5s"));
    }

    /** The file of settings is the only place with the password. */
    private static JavaProcess process(String user, Class<?> main, List<String> more) {
        Path settings = folder.resolve(user + ".properties");
        var text =
                new StringBuilder(
                        "bootstrap.servers=" + broker.bootstrap() + "\ntopic.prefix=team-a.\n");
        as(user).settings().forEach((name, value) -> text.append(name + "=" + value + "\n"));
        try {
            Files.writeString(settings, text, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        var arguments = new ArrayList<>(more);
        arguments.addAll(
                List.of(
                        "--kafka-config",
                        settings.toString(),
                        "--store",
                        store(),
                        "--end-with-parent"));
        String name = more.contains("--stage") ? "worker-" + more.get(1) : user;
        return JavaProcess.start(
                name, "128m", main, arguments, folder.resolve(name + ".log"), null, Restart.NEVER);
    }

    private static String store() {
        return folder.resolve("store").toString();
    }

    private static void grant(String user, Role role) {
        var admin = as("admin");
        Rights.grant(admin, new Rights(admin.topics()).of(role, STAGES), "User:" + user);
    }

    private static Connection as(String user) {
        return new Connection(
                broker.bootstrap(),
                broker.settings(user, WORDS.get(user)),
                "team-a.",
                Stages.STANDARD);
    }
}
