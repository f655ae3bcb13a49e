package dev.reelrank.worker.shell;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.bus.Connection;
import dev.reelrank.bus.EventPublisher;
import dev.reelrank.bus.EventReader;
import dev.reelrank.bus.Route;
import dev.reelrank.bus.TopicSetup;
import dev.reelrank.bus.broker.EmbeddedBroker;
import dev.reelrank.bus.codec.EventCodec;
import dev.reelrank.pipeline.ExitCode;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.GradeConfig;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.Event;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.worker.compute.EchoStage;
import dev.reelrank.worker.lease.Capacity;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** The whole shell over a real broker, with a stage that echoes. */
final class WorkerProcessIT {
    private static EmbeddedBroker broker;
    @TempDir static Path brokerFolder;
    @TempDir Path folder;

    private final EchoStage stage = new EchoStage();
    private final Ending ending = new Ending(Duration.ofSeconds(5));
    private final List<Event> results = new ArrayList<>();
    private String test;
    private Connection connection;
    private EventPublisher publisher;
    private EventReader reader;
    private CompletableFuture<Integer> exit;

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start(brokerFolder);
        new TopicSetup(broker.connection()).ensure(1);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect(TestInfo info) {
        test = Integer.toHexString(info.getDisplayName().hashCode());
        connection = broker.connection();
        publisher = new EventPublisher(connection, new EventCodec());
        reader =
                new EventReader(
                        connection,
                        new EventCodec(),
                        List.of(connection.topics().results(StageName.PROMPT)));
    }

    @AfterEach
    void end() throws Exception {
        ending.ask(Duration.ZERO);
        if (exit != null) {
            exit.get(30, TimeUnit.SECONDS);
        }
        reader.close();
        publisher.close();
    }

    private void startWorker(String... more) {
        var options = new WorkerOptions();
        var args =
                new ArrayList<>(
                        List.of(
                                "--bootstrap", broker.connection().bootstrap(),
                                "--store", folder.resolve("store").toString(),
                                "--lease-dir", folder.resolve("leases").toString(),
                                "--heartbeat", folder.resolve("heartbeat").toString(),
                                "--models", folder.toString(),
                                "--name", "echo"));
        args.addAll(List.of(more));
        CommandLine.populateCommand(options, args.toArray(String[]::new));
        exit =
                CompletableFuture.supplyAsync(
                        () -> {
                            try (var worker = new WorkerProcess("echo", options, ending)) {
                                return worker.run(Stages.STANDARD, setup -> List.of(stage));
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                        });
    }

    private WorkItem item(String sample, String prompt) {
        return item(sample, prompt, PromptConfig.defaults());
    }

    private WorkItem item(String sample, String prompt, PromptConfig configuration) {
        var image =
                Stores.open(folder.resolve("store").toString())
                        .putBlob("picture".getBytes(UTF_8), "image/png");
        return new WorkItem(
                new WorkRef(
                        "work-" + sample + test, "run", sample + test, StageName.PROMPT, null, 0),
                1,
                Instant.now(),
                new PromptRequest(prompt, image, configuration));
    }

    /** Reads reports until one fits. */
    private <T extends WorkReport.Body> WorkReport await(
            String sample, Class<T> kind, Predicate<T> which) {
        return (WorkReport)
                await(
                        e ->
                                e instanceof WorkReport r
                                        && r.work().sampleId().equals(sample + test)
                                        && kind.isInstance(r.body())
                                        && which.test(kind.cast(r.body())));
    }

    private Event await(Predicate<Event> which) {
        var until = System.nanoTime() + 90_000_000_000L;
        while (System.nanoTime() < until) {
            for (var event : results) {
                if (which.test(event)) {
                    return event;
                }
            }
            reader.poll(Duration.ofMillis(200)).forEach(r -> results.add(r.event()));
        }
        throw new AssertionError("nothing fits among " + results);
    }

    private long count(String sample, Class<? extends WorkReport.Body> kind) {
        return results.stream()
                .filter(
                        e ->
                                e instanceof WorkReport r
                                        && r.work().sampleId().equals(sample + test)
                                        && kind.isInstance(r.body()))
                .count();
    }

    @Test
    void shouldReportWhatItComputesAndFindItTheNextTime() {
        startWorker();
        publisher.publish(item("a", "a fox"));
        var first = await("a", Succeeded.class, s -> true);
        assertThat(first.producer().worker()).isEqualTo("echo");
        assertThat(count("a", Started.class)).isEqualTo(1);
        publisher.publish(item("b", "a fox"));
        await("b", Succeeded.class, s -> s.computation().reused());
        assertThat(count("b", Started.class)).as("nothing ran").isZero();
        assertThat(stage.runs()).isEqualTo(1);
        assertThat(folder.resolve("heartbeat")).exists();
    }

    @Test
    void whatEndsBeforeItsBatchShouldBeReportedWhileTheOthersAreComputed() throws Exception {
        var published = new CompletableFuture<Void>();
        var seen = new CompletableFuture<Void>();
        stage.saysEnds();
        stage.behave(
                r -> {
                    if (r.originalPrompt().equals("first")) {
                        published.join();
                    } else if (r.originalPrompt().equals("third")) {
                        seen.join();
                        throw new IllegalStateException("it breaks afterwards");
                    }
                    return EchoStage.echo(r);
                });
        startWorker();
        publisher.publish(item("a", "first"));
        await("a", Started.class, s -> true);
        // Both wait in the queue, so they are one batch.
        publisher.publish(List.of(item("b", "second"), item("c", "third")));
        published.complete(null);
        await("c", Started.class, s -> true);
        await("b", Succeeded.class, s -> true);
        assertThat(count("c", Failed.class)).isZero();
        seen.complete(null);
        await("c", Failed.class, f -> f.code() == FailureCode.INTERNAL_ERROR);
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(ExitCode.RESTART);
        assertThat(count("b", Succeeded.class)).isEqualTo(1);
        assertThat(count("b", Started.class)).isEqualTo(1);
        assertThat(count("b", Failed.class)).isZero();
    }

    @Test
    void shouldAskForANewProcessAfterAFaultOfOurs() throws Exception {
        stage.behave(
                r -> {
                    throw new IllegalStateException("broken");
                });
        startWorker();
        publisher.publish(item("a", "a fox"));
        await("a", Failed.class, f -> f.code() == FailureCode.INTERNAL_ERROR);
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(ExitCode.RESTART);
    }

    @Test
    void shouldReportWorkWhoseNeedsItCannotTellAndNotDieOfIt() throws Exception {
        stage.failNeedsOf("impossible");
        publisher.publish(
                List.of(
                        item("a", "a fox"),
                        item("b", "a fox", configuration("impossible")),
                        item("c", "a bear")));
        startWorker();
        var failed = (Failed) await("b", Failed.class, f -> true).body();
        assertThat(failed.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
        assertThat(failed.message()).contains("cannot say what the work needs", "no such size");
        await("a", Succeeded.class, s -> true);
        assertThat(exit.get(60, TimeUnit.SECONDS)).isEqualTo(ExitCode.RESTART);
    }

    private static PromptConfig configuration(String prefix) {
        var d = PromptConfig.defaults();
        return new PromptConfig(
                d.mode(),
                d.system(),
                d.maxNewTokens(),
                d.temperature(),
                d.slowVerbs(),
                prefix,
                d.negativeTerms(),
                d.autoWords(),
                d.precision());
    }

    @Test
    void shouldGoOnAfterAFailureOfTheSample() {
        stage.behave(
                r ->
                        r.originalPrompt().isBlank()
                                ? Outcome.failed(
                                        new StageException(FailureCode.EMPTY_PROMPT, "empty"))
                                : EchoStage.echo(r));
        startWorker();
        publisher.publish(List.of(item("a", " "), item("b", "a fox")));
        await("a", Failed.class, f -> f.code() == FailureCode.EMPTY_PROMPT);
        await("b", Succeeded.class, s -> true);
    }

    @Test
    void shouldWaitOutAStoreThatIsAwayAndBlameNobody() throws Exception {
        var store = folder.resolve("store");
        var reached = new CompletableFuture<Void>();
        stage.behave(
                r -> {
                    move(store, folder.resolve("away"));
                    reached.complete(null);
                    return EchoStage.echo(r);
                });
        startWorker();
        publisher.publish(item("a", "a fox"));
        reached.get(60, TimeUnit.SECONDS);
        stage.behave(EchoStage::echo);
        Thread.sleep(700);
        move(folder.resolve("away"), store);
        await("a", Succeeded.class, s -> true);
        assertThat(count("a", Failed.class)).isZero();
    }

    private static void move(Path from, Path to) {
        try {
            Files.move(from, to);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void shouldTryAloneBeforeItBlamesAnItemForALackOfMemory() {
        var first = new AtomicBoolean(true);
        stage.behave(
                r -> {
                    if (r.originalPrompt().equals("huge") || first.getAndSet(false)) {
                        return Outcome.failed(
                                new StageException(
                                        FailureCode.OUT_OF_DEVICE_MEMORY, "does not fit"));
                    }
                    return EchoStage.echo(r);
                });
        startWorker();
        publisher.publish(item("a", "a fox"));
        await("a", Succeeded.class, s -> true);
        publisher.publish(item("b", "huge"));
        var failed = (Failed) await("b", Failed.class, f -> true).body();
        assertThat(failed.alone()).isTrue();
        assertThat(count("b", Failed.class)).isEqualTo(1);
    }

    @Test
    void shouldPassOnWorkOfAnotherStageAndNotDieOfIt() {
        startWorker();
        var image = item("odd", "a fox").request().blobs().get(0).blob();
        var ref = new WorkRef("odd" + test, "run", "odd", StageName.GRADE, null, 0);
        var video = new CandidateVideo(1, image, "none");
        var request =
                new GradeRequest(
                        "a fox",
                        "a fox",
                        null,
                        image,
                        video,
                        PreferenceVersion.NONE,
                        GradeConfig.defaults());
        publisher.publish(
                new Route(connection.topics().work(StageName.PROMPT), "odd"),
                new WorkItem(ref, 1, Instant.now(), request));
        publisher.publish(item("a", "a fox"));
        await("a", Succeeded.class, s -> true);
        var letter =
                (DeadLetter)
                        await(
                                e ->
                                        e instanceof DeadLetter d
                                                && d.message().contains("work of another stage"));
        assertThat(letter.message()).contains("'grade' with a request for 'grade'");
    }

    @Test
    void shouldPassOnBytesThatAreNoWork() {
        startWorker();
        var topics = connection.topics();
        publisher.publish(
                new Route(topics.work(StageName.PROMPT), "odd"),
                new RunClosed("run", "submission", 1, Instant.now()));
        publisher.publish(item("a", "a fox"));
        await("a", Succeeded.class, s -> true);
        var letter = (DeadLetter) await(DeadLetter.class::isInstance);
        assertThat(letter.code()).isEqualTo(FailureCode.UNDECODABLE);
        assertThat(letter.payload()).isNotEmpty();
        assertThat(letter.source()).contains("work.prompt");
    }

    @Test
    void shouldReturnItsWorkWhenItEndsWhileTheDeviceIsTaken() {
        // Held by this very process, in another name: memory in GiB, all there is and more.
        var memory = Capacity.open(folder.resolve("leases/cpu/memory"), 1 << 20);
        try (var claim = memory.ask((1 << 20) - 0.01, "somebody else")) {
            assertThat(claim.granted()).isTrue();
            startWorker();
            publisher.publish(item("a", "a fox"));
            var reserved = folder.resolve("leases/cpu/memory");
            awaitWaiter(reserved);
            ending.ask();
            await("a", Returned.class, r -> true);
            assertThat(count("a", Started.class)).isZero();
        }
    }

    @Test
    void shouldCancelBetweenStepsAndReturnItsWorkWhenTheTimeIsUp() throws Exception {
        var running = new CompletableFuture<Void>();
        stage.behave(
                (request, context) -> {
                    running.complete(null);
                    while (!context.cancelled()) {
                        LockSupport.parkNanos(10_000_000);
                    }
                    return new Outcome.Returned<>("cancelled at a step");
                });
        startWorker();
        publisher.publish(item("a", "a fox"));
        running.get(60, TimeUnit.SECONDS);
        ending.ask(Duration.ofMillis(300));
        var returned = (Returned) await("a", Returned.class, r -> true).body();
        assertThat(returned.reason()).contains("cancelled");
        assertThat(exit.get(30, TimeUnit.SECONDS)).isEqualTo(ExitCode.OK);
    }

    private static void awaitWaiter(Path reserved) {
        var until = System.nanoTime() + 60_000_000_000L;
        while (System.nanoTime() < until) {
            try (var files = Files.newDirectoryStream(reserved, "*.waiting")) {
                if (files.iterator().hasNext()) {
                    return;
                }
                Thread.sleep(50);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        throw new AssertionError("nobody waits in " + reserved);
    }

    @Test
    void shouldStopBeforeItTakesWorkWhenItsModelIsMissing() {
        stage.missing("no model 'echo' in /models; tried /models/echo");
        startWorker();
        assertThatThrownBy(() -> exit.get(60, TimeUnit.SECONDS))
                .hasRootCauseInstanceOf(StageException.class)
                .hasMessageContaining("tried /models/echo");
        exit = null;
    }
}
