package dev.reelrank.trainer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.AutoAligns;
import dev.reelrank.flow.FlowSettings;
import dev.reelrank.flow.process.FlowProcess;
import dev.reelrank.flow.sample.SamplePath;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.event.AdapterImported;
import dev.reelrank.pipeline.event.AdapterJudged;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.WorkRequested;
import dev.reelrank.pipeline.stage.AdapterState;
import dev.reelrank.pipeline.stage.AlignRequest;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings through the product's own broker, flow and trainer, which is killed in the midst. */
final class AlignOnTheBusIT {
    private static final Duration PATIENCE = Duration.ofMinutes(8);

    @TempDir Path folder;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void end() throws InterruptedException {
        for (var process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    @Test
    void shouldMakeVersionsOfAdaptersOneAtATimeThoughATrainerIsKilled() throws Exception {
        try (var broker = EmbeddedBroker.start(folder.resolve("broker"));
                var store = LocalStore.open(folder.resolve("store"))) {
            var connection = broker.connection();
            var topics = connection.topics();
            var codec = new EventCodec();
            var tiny = new TinyTraining(folder, store);
            var auto = new AutoAlign("auto", 2, 0.02, null, TinyTraining.config(2, 1, 1e-3, 0));
            try (var flow =
                            FlowProcess.start(
                                    new FlowProcess.Options(
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
                                            FlowSettings.DEFAULT.withAlign(
                                                    new AutoAligns(List.of(auto))),
                                            SamplePath.STANDARD,
                                            null));
                    var publisher = new EventPublisher(connection, codec);
                    var reader =
                            new EventReader(
                                    connection,
                                    codec,
                                    List.of(
                                            topics.adapters(),
                                            topics.progress(),
                                            topics.dead(StageName.ALIGN)))) {
                assertThat(flow).isNotNull();
                var first = trainer(connection.bootstrap());
                var pairs = tiny.pairs(2);
                publisher.publish(asked(tiny.request(pairs, TinyTraining.config(100, 5, 1e-4, 0))));
                publisher.publish(asked(tiny.request(pairs, TinyTraining.config(2, 1, 1e-3, 0))));
                var progress =
                        (ProgressReported)
                                await(
                                        reader,
                                        e -> e instanceof ProgressReported p && p.step() >= 5);
                assertThat(progress.figures()).containsKeys("loss", "accuracy", "gradientNorm");
                first.destroyForcibly().waitFor();
                trainer(connection.bootstrap());

                var one = adapter(reader, "smooth");
                assertThat(one.adapter().version()).isEqualTo(1);
                assertThat(one.configuration().steps()).isEqualTo(100);
                assertThat(one.state()).isEqualTo(AdapterState.CANDIDATE);
                assertThat(one.adapter().files().keySet())
                        .containsExactly("transformer", "transformer_2");
                assertThat(adapter(reader, "smooth").adapter().id()).isEqualTo("smooth@2");

                publisher.publish(drawn(tiny, 1));
                publisher.publish(drawn(tiny, 2));
                assertThat(adapter(reader, "auto").adapter().id()).isEqualTo("auto@1");

                publisher.publish(
                        new AdapterImported(
                                "smooth",
                                "wan",
                                "",
                                java.util.Map.of(
                                        "transformer", one.adapter().files().get("transformer")),
                                true,
                                "me",
                                Instant.now()));
                var imported = adapter(reader, "smooth");
                assertThat(imported.adapter().id()).isEqualTo("smooth@3");
                assertThat(imported.state()).isEqualTo(AdapterState.ACCEPTED);
                publisher.publish(
                        new AdapterJudged(
                                "smooth",
                                3,
                                AdapterState.RETIRED,
                                "a test",
                                null,
                                "me",
                                Instant.now()));
                assertThat(adapter(reader, "smooth").state()).isEqualTo(AdapterState.RETIRED);
            }
        }
    }

    private static WorkRequested asked(AlignRequest request) {
        return WorkRequested.training(request, 0, "me", Instant.now());
    }

    private static PairDrawn drawn(TinyTraining tiny, int number) throws IOException {
        var pair = tiny.pairs(number).get(number - 1);
        return new PairDrawn(
                "auto",
                new PairFacts(
                        "ranking",
                        pair.sampleId(),
                        pair.prompt(),
                        pair.image(),
                        pair.winner().blob(),
                        pair.loser().blob(),
                        0.1,
                        "wan",
                        "",
                        CandidateConfig.defaults(),
                        null),
                Instant.now());
    }

    private AdapterUpdated adapter(EventReader reader, String name) throws IOException {
        return (AdapterUpdated)
                await(
                        reader,
                        e -> e instanceof AdapterUpdated a && a.adapter().name().equals(name));
    }

    private final List<Event> ahead = new ArrayList<>();

    private Event await(EventReader reader, Predicate<Event> wanted) throws IOException {
        var limit = Instant.now().plus(PATIENCE);
        while (Instant.now().isBefore(limit)) {
            reader.poll(Duration.ofMillis(200)).forEach(stored -> ahead.add(stored.event()));
            while (!ahead.isEmpty()) {
                var event = ahead.remove(0);
                if (event instanceof DeadLetter letter) {
                    throw new AssertionError(letter.code() + ": " + letter.message());
                }
                if (wanted.test(event)) {
                    return event;
                }
            }
        }
        throw new AssertionError(
                "it did not come within " + PATIENCE + "\n" + Files.readString(log()));
    }

    private Path log() {
        return folder.resolve("trainer.log");
    }

    private Process trainer(String bootstrap) throws IOException {
        var process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Xmx512m",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                TrainerWorker.class.getName(),
                                "--bootstrap",
                                bootstrap,
                                "--name",
                                "align-cpu",
                                "--store",
                                folder.resolve("store").toString(),
                                "--models",
                                TinyTraining.models(folder).toString(),
                                "--lease-dir",
                                folder.resolve("leases").toString(),
                                "--drain-timeout",
                                "5s")
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
                        .start();
        processes.add(process);
        return process;
    }
}
