package dev.reelrank.bench.added;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bench.farm.PromptedRun;
import dev.reelrank.bench.process.JavaProcess;
import dev.reelrank.bench.waiting.WaitingWorker;
import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.StoredEvent;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.client.farm.KeepAlive.Restart;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.process.FlowProcess;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.worker.store.Stores;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A stage that the product does not know is added here: a row of the table, three schemas, a class,
 * and a step of the sample's way. Broker, flow and workers are the product's own.
 */
final class AddedStageIT {
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir Path folder;

    @Test
    void shouldTakeASampleThroughAStageThatATestAdded() throws Exception {
        var stages = EchoStage.OF_SAMPLE;
        var run = PromptedRun.of(Map.of("fox", "a fox"), List.of(1L, 2L));
        var processes = new ArrayList<JavaProcess>();
        try (var broker = EmbeddedBroker.start(folder.resolve("broker"))) {
            var connection = broker.connection().withStages(stages);
            var codec = new EventCodec(stages);
            try (var flow =
                            FlowProcess.start(
                                    options(
                                            connection,
                                            SamplePath.STANDARD.with(stages, new EchoStep())));
                    var store = Stores.open(store());
                    var publisher = new EventPublisher(connection, codec)) {
                assertThat(flow).isNotNull();
                for (var stage : Stages.STANDARD.ofSample()) {
                    processes.add(
                            worker(
                                    connection,
                                    stage.id(),
                                    WaitingWorker.class,
                                    List.of("--stage", stage.id())));
                }
                processes.add(worker(connection, "echo", EchoWorker.class, List.of()));
                run.submit(publisher, store);
                try (var reader =
                        new EventReader(connection, codec, List.of(connection.topics().runs()))) {
                    await(
                            reader,
                            e ->
                                    e.event() instanceof RunUpdated u
                                            && u.status() == RunUpdated.Status.DONE);
                }
                assertEchoed(connection, codec, run.runId());
            } finally {
                JavaProcess.closeAll(processes);
            }
        }
    }

    private static void assertEchoed(Connection connection, EventCodec codec, String runId) {
        var topics = connection.topics();
        var facts = new ArrayList<StageFact>();
        var statuses = new ArrayList<SampleUpdated>();
        try (var reader =
                new EventReader(
                        connection, codec, List.of(topics.facts(EchoStage.ECHO), topics.runs()))) {
            reader.readToEnd(
                    stored -> {
                        if (stored.event() instanceof StageFact fact) {
                            facts.add(fact);
                        } else if (stored.event() instanceof SampleUpdated update) {
                            statuses.add(update);
                        }
                    });
        }
        assertThat(facts).hasSize(1);
        assertThat(facts.get(0).work().runId()).isEqualTo(runId);
        assertThat(facts.get(0).result())
                .isInstanceOfSatisfying(
                        EchoResult.class,
                        echo -> {
                            assertThat(echo.text()).isEqualTo("a foxa foxa fox");
                            assertThat(echo.videoBytes()).isPositive();
                        });
        var last = statuses.get(statuses.size() - 1);
        assertThat(last.status()).isEqualTo(SampleUpdated.Status.DONE);
        assertThat(last.stage()).isEqualTo(EchoStage.ECHO);
    }

    @Test
    void shouldDoWorkThatIsAskedForBesideTheSamplesOnceAnEpoch() throws Exception {
        var stages = EchoStage.BESIDE;
        try (var broker = EmbeddedBroker.start(folder.resolve("broker"))) {
            var connection = broker.connection().withStages(stages);
            var topics = connection.topics();
            var codec = new EventCodec(stages);
            try (var flow =
                            FlowProcess.start(
                                    options(
                                            connection,
                                            new SamplePath(stages, SamplePath.STANDARD.steps())));
                    var store = Stores.open(store());
                    var publisher = new EventPublisher(connection, codec);
                    var worker = worker(connection, "echo", EchoWorker.class, List.of("--beside"));
                    var outcomes =
                            new EventReader(
                                    connection,
                                    codec,
                                    List.of(
                                            topics.facts(EchoStage.ECHO),
                                            topics.dead(EchoStage.ECHO)))) {
                assertThat(flow).isNotNull();
                assertThat(worker).isNotNull();
                var video = store.putBlob("video".getBytes(StandardCharsets.UTF_8), "video/mp4");
                publisher.publish(asked("smooth", 0, video));
                publisher.publish(asked("smooth", 0, video));
                var first = await(outcomes, e -> e.event() instanceof StageFact);
                assertThat(first.key()).isEqualTo("adapters/smooth");
                publisher.publish(asked("smooth", 0, video));
                publisher.publish(asked("smooth", 1, video));
                var second = (StageFact) await(outcomes, e -> true).event();
                assertThat(second.work().epoch()).isEqualTo(1);
                assertThat(second.computation().reused()).isTrue();

                var gone = new BlobRef("store:blobs/gone", "0".repeat(64), 1, "video/mp4");
                publisher.publish(asked("lost", 0, gone));
                var dead = (DeadLetter) await(outcomes, e -> true).event();
                assertThat(dead.code()).isEqualTo(FailureCode.INPUT_LOST);
                assertThat(dead.request()).isInstanceOf(EchoRequest.class);
            }
        }
    }

    private static WorkRequested asked(String name, int epoch, BlobRef video) {
        var id = Ids.workId("adapters", name, EchoStage.ECHO, null);
        return new WorkRequested(
                new WorkRef(id, "adapters", name, EchoStage.ECHO, null, epoch),
                new EchoRequest("fox", new CandidateVideo(1, video, "made"), new EchoConfig(1)),
                "me",
                Instant.now());
    }

    private static StoredEvent await(EventReader reader, Predicate<StoredEvent> wanted) {
        var limit = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(limit)) {
            for (var stored : reader.poll(Duration.ofMillis(200))) {
                if (wanted.test(stored)) {
                    return stored;
                }
            }
        }
        throw new AssertionError("it did not come within " + PATIENCE);
    }

    private String store() {
        return folder.resolve("store").toString();
    }

    private FlowProcess.Options options(Connection connection, SamplePath path) {
        return new FlowProcess.Options(
                connection,
                folder.resolve("flow"),
                1,
                Duration.ofMillis(50),
                2,
                Duration.ofSeconds(1),
                Duration.ofMinutes(1),
                Duration.ofDays(1),
                null,
                null,
                FlowSettings.DEFAULT,
                path,
                null);
    }

    private JavaProcess worker(
            Connection connection, String name, Class<?> main, List<String> more) {
        var arguments =
                new ArrayList<>(
                        List.of(
                                "--bootstrap",
                                connection.bootstrap(),
                                "--name",
                                name,
                                "--store",
                                store(),
                                "--models",
                                folder.toString(),
                                "--lease-dir",
                                folder.resolve("leases").toString(),
                                "--drain-timeout",
                                "5s",
                                "--end-with-parent"));
        arguments.addAll(more);
        return JavaProcess.start(
                name, "128m", main, arguments, folder.resolve(name + ".log"), null, Restart.NEVER);
    }
}
