package dev.reelrank.worker.compute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StageSessionTest {
    @TempDir Path folder;
    private ResultStore store;
    private EchoStage stage;
    private StageSession<PromptRequest, PromptResult> session;

    @BeforeEach
    void open() {
        store = Stores.open(folder.toString());
        stage = new EchoStage();
        session = session(stage);
    }

    private StageSession<PromptRequest, PromptResult> session(EchoStage of) {
        return new StageSession<>(
                of,
                store,
                ReportCodec.avro(Stages.STANDARD),
                Device.CPU,
                new Producer("test", "1@0", "host", "cpu", "cpu"),
                Clock.systemUTC());
    }

    private Prepared<PromptRequest> item(String sample, String prompt) {
        var image = store.putBlob("picture".getBytes(UTF_8), "image/png");
        return session.prepare(
                new WorkRef("w-" + sample, "run", sample, StageName.PROMPT, null, 0),
                new PromptRequest(prompt, image, PromptConfig.defaults()));
    }

    private List<Body> compute(List<Prepared<PromptRequest>> items) {
        return session.compute(items, 1, false, BatchListener.NONE);
    }

    @Test
    void shouldFindInAnotherRunWhatWasComputedOnce() {
        var first = (Succeeded) compute(List.of(item("a", "a fox"))).get(0);
        var other = new EchoStage();
        session = session(other);
        var found = session.look(item("b", "a fox")).orElseThrow();
        assertThat(found.result()).isEqualTo(first.result());
        assertThat(found.computation().reused()).isTrue();
        assertThat(found.computation().fingerprint()).isEqualTo(first.computation().fingerprint());
        assertThat(other.loads()).as("a stored result loads nothing").isZero();
    }

    @Test
    void shouldNotFindTheResultOfOtherWeights() {
        compute(List.of(item("a", "a fox")));
        var other = new EchoStage();
        other.files("other weights");
        session = session(other);
        assertThat(session.look(item("a", "a fox"))).isEmpty();
    }

    @Test
    void shouldLoadOncePerLoadKey() {
        compute(List.of(item("a", "one")));
        compute(List.of(item("b", "two"), item("c", "three")));
        assertThat(stage.loads()).isEqualTo(1);
        assertThat(stage.runs()).isEqualTo(3);
        session.unload();
        compute(List.of(item("d", "four")));
        assertThat(stage.loads()).isEqualTo(2);
    }

    @Test
    void whatEndsBeforeItsBatchShouldBeStoredAndHeardOfAtOnceWhateverBecomesOfTheOthers() {
        var first = item("a", "one");
        var second = item("b", "two");
        var heard = new ArrayList<String>();
        stage.behave(
                (request, context) -> {
                    if (request.originalPrompt().equals("two")) {
                        context.ended(0, EchoStage.echo(first.request()));
                        context.ended(0, EchoStage.echo(second.request()));
                        assertThat(session.look(first)).isPresent();
                        throw new IllegalStateException("the second one breaks");
                    }
                    return EchoStage.echo(request);
                });
        var bodies =
                session.compute(
                        List.of(first, second),
                        1,
                        false,
                        new BatchListener() {
                            @Override
                            public void progress(int item, int step, int of) {}

                            @Override
                            public void ended(int item, Body body) {
                                heard.add(item + " " + body.getClass().getSimpleName());
                            }

                            @Override
                            public boolean cancelled() {
                                return false;
                            }

                            @Override
                            public void loaded(String model, long millis) {}
                        });
        assertThat(heard).containsExactly("0 Succeeded");
        assertThat(bodies.get(0)).isInstanceOf(Succeeded.class);
        assertThat(bodies.get(1)).isInstanceOf(Failed.class);
        assertThat(session.look(first)).isPresent();
        assertThat(session.look(second)).isEmpty();
    }

    @Test
    void onlyWhatHadNotEndedShouldBeRunAgainWhenItsBatchFails() {
        var runs = new ArrayList<String>();
        stage.saysEnds();
        stage.behave(
                (request, context) -> {
                    runs.add(request.originalPrompt());
                    if (request.originalPrompt().equals("bad")) {
                        throw new IllegalStateException("it breaks");
                    }
                    return EchoStage.echo(request);
                });
        var bodies = compute(List.of(item("a", "good"), item("b", "bad"), item("c", "fine")));
        assertThat(runs).containsExactly("good", "bad", "bad", "fine");
        assertThat(bodies.get(0)).isInstanceOf(Succeeded.class);
        assertThat(bodies.get(1)).isInstanceOf(Failed.class);
        assertThat(bodies.get(2)).isInstanceOf(Succeeded.class);
    }

    @Test
    void shouldSetADamagedResultAsideAndComputeItAnew() throws IOException {
        var item = item("a", "a fox");
        compute(List.of(item));
        var file = folder.resolve("results").resolve(item.inputKey());
        var bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
        assertThat(session.look(item)).isEmpty();
        assertThat(folder.resolve("aside")).isNotEmptyDirectory();
        compute(List.of(item));
        assertThat(session.look(item)).isPresent();
    }

    @Test
    void shouldAdoptTheResultOfAWorkerThatWasQuicker() {
        var slow = item("a", "a fox");
        var quick = new EchoStage();
        quick.behave(
                r -> EchoStage.echo(new PromptRequest("by the quick one", r.image(), r.config())));
        stage.behave(
                r -> {
                    session(quick).compute(List.of(slow), 1, false, BatchListener.NONE);
                    return EchoStage.echo(r);
                });
        var adopted = (Succeeded) compute(List.of(slow)).get(0);
        assertThat(((PromptResult) adopted.result()).prompt()).isEqualTo("by the quick one");
    }

    @Test
    void shouldKeepTheOthersWhenOneOfABatchFails() {
        stage.behave(
                r ->
                        r.originalPrompt().equals("bad")
                                ? Outcome.failed(
                                        new StageException(
                                                FailureCode.UNREADABLE_IMAGE, "no picture"))
                                : EchoStage.echo(r));
        var bodies = compute(List.of(item("a", "good"), item("b", "bad"), item("c", "fine")));
        assertThat(bodies.get(0)).isInstanceOf(Succeeded.class);
        assertThat(bodies.get(1))
                .isInstanceOfSatisfying(
                        Failed.class,
                        f -> assertThat(f.code()).isEqualTo(FailureCode.UNREADABLE_IMAGE));
        assertThat(bodies.get(2)).isInstanceOf(Succeeded.class);
    }

    @Test
    void shouldNotBlameASampleForAPictureThatTheStoreTookAway() throws IOException {
        var away = folder.resolveSibling(folder.getFileName() + "-away");
        stage.behave(
                r -> {
                    try {
                        Files.move(folder, away);
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                    return Outcome.failed(
                            new StageException(FailureCode.UNREADABLE_IMAGE, "no such file"));
                });
        var body = compute(List.of(item("a", "a fox"))).get(0);
        Files.move(away, folder);
        assertThat(body)
                .isInstanceOfSatisfying(
                        Failed.class,
                        f -> assertThat(f.code()).isEqualTo(FailureCode.STORE_UNAVAILABLE));
    }

    @Test
    void shouldSayThatAnInputIsLostWhenItsBytesAreNoLongerThose() {
        stage.behave(
                r -> {
                    try {
                        Files.writeString(
                                folder.resolve("blobs").resolve(r.image().sha256()), "other");
                    } catch (IOException e) {
                        throw new IllegalStateException(e);
                    }
                    return Outcome.failed(
                            new StageException(FailureCode.UNREADABLE_IMAGE, "no picture"));
                });
        assertThat(compute(List.of(item("a", "a fox"))).get(0))
                .isInstanceOfSatisfying(
                        Failed.class, f -> assertThat(f.code()).isEqualTo(FailureCode.INPUT_LOST));
    }

    @Test
    void shouldRecordWhatTheModelsSayTheyCannotDo() {
        var limits = Map.of("qwen", "knows only circles in auto");
        session =
                new StageSession<>(
                        stage,
                        store,
                        ReportCodec.avro(Stages.STANDARD),
                        Device.CPU,
                        new Producer("test", "1@0", "host", "cpu", "cpu"),
                        Clock.systemUTC(),
                        key -> Map.of("qwen", "knows only circles in " + key.precision()));
        var made = (Succeeded) compute(List.of(item("a", "a fox"))).get(0);
        assertThat(made.computation().limits()).isEqualTo(limits);
        var found = session.look(item("b", "a fox")).orElseThrow();
        assertThat(found.computation().limits()).isEqualTo(limits);
    }

    @Test
    void shouldGiveEveryItemAnOutcomeWhenTheStageThrows() {
        stage.behave(
                r -> {
                    throw new IllegalStateException("a fault of ours");
                });
        assertThat(compute(List.of(item("a", "one"), item("b", "two"))))
                .hasSize(2)
                .allSatisfy(
                        body -> {
                            var failed = (Failed) body;
                            assertThat(failed.code()).isEqualTo(FailureCode.INTERNAL_ERROR);
                            assertThat(failed.message()).contains("a fault of ours");
                            assertThat(failed.cause()).contains("StageSessionTest");
                        });
    }

    @Test
    void shouldCallALackOfMemoryByItsName() {
        stage.behave(
                r -> {
                    throw new OutOfMemoryError("Java heap space");
                });
        assertThat(((Failed) compute(List.of(item("a", "one"))).get(0)).code())
                .isEqualTo(FailureCode.OUT_OF_MEMORY);
    }

    @Test
    void shouldComputeNothingWithFilesThatChangedMeanwhile() {
        var item = item("a", "one");
        stage.files("exchanged while loading");
        assertThat(compute(List.of(item)).get(0)).isInstanceOf(Returned.class);
        assertThat(stage.runs()).isZero();
    }

    @Test
    void shouldAnswerLocalRequestsFromTheSameStore() {
        var item = item("a", "a fox");
        var computed = (Succeeded) compute(List.of(item)).get(0);
        var local = new EchoStage();
        try (var runner = StageRunner.of(local, store, Device.CPU)) {
            var answer = runner.run(item.request());
            assertThat(answer.result()).isEqualTo(computed.result());
            assertThat(answer.computation().reused()).isTrue();
            local.behave(
                    r -> Outcome.failed(new StageException(FailureCode.EMPTY_PROMPT, "say it")));
            var empty = new PromptRequest("x", item.request().image(), PromptConfig.defaults());
            assertThatThrownBy(() -> runner.run(empty))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.EMPTY_PROMPT));
        }
        assertThat(local.loads()).isEqualTo(1);
    }

    @Test
    void shouldComputeLocalRequestsOnTheCoresThatWereAskedFor() {
        var local = new EchoStage();
        var cores = new ArrayList<Integer>();
        local.behave(
                (request, context) -> {
                    cores.add(context.cores());
                    return EchoStage.echo(request);
                });
        try (var runner = StageRunner.of(local, store, Device.CPU, 3)) {
            runner.run(item("a", "a fox").request());
        }
        assertThat(cores).containsExactly(3);
    }
}
