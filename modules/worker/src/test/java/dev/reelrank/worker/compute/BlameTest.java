package dev.reelrank.worker.compute;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.PromptConfig;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport.Body;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.Stages;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Supplier;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.ForAll;
import net.jqwik.api.GenerationMode;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;

/** One bad sample fails itself, whatever it throws, wherever it stands, and nobody else. */
class BlameTest {
    private static final Path FOLDER = folder();
    private static final ResultStore STORE = Stores.open(FOLDER.toString());

    /** Its schemas take longer to make than a batch. */
    private static final ReportCodec CODEC = ReportCodec.avro(Stages.STANDARD);

    /** What libraries and our own faults throw at a stage. */
    private static final List<Supplier<Throwable>> UNNAMED =
            List.of(
                    () -> new IllegalArgumentException("URI has an authority component"),
                    () -> new NullPointerException("no frame"),
                    () -> new ArithmeticException("/ by zero"),
                    () -> new IndexOutOfBoundsException(3),
                    () -> new NoSuchElementException("empty"),
                    () -> new ClassCastException("no picture"),
                    () -> new UnsupportedOperationException("read only"),
                    () -> new UncheckedIOException(new IOException("Input/output error")),
                    () -> new IOException("thrown past the compiler"),
                    () -> new NoClassDefFoundError("org/bytedeco/ffmpeg"),
                    () -> new UnsatisfiedLinkError("no avcodec in java.library.path"),
                    () -> new ExceptionInInitializerError("static"),
                    () -> new StackOverflowError(),
                    () -> new AssertionError("cannot be"),
                    () -> new InternalError("a fault occurred in an unsafe memory access"));

    @Provide
    Arbitrary<Supplier<Throwable>> faults() {
        var named =
                Arrays.stream(FailureCode.values())
                        .filter(BlameTest::blames)
                        .map(
                                code ->
                                        (Supplier<Throwable>)
                                                () -> new StageException(code, "because"));
        return Arbitraries.of(Stream.concat(named, UNNAMED.stream()).toList());
    }

    /** How many samples the stages take at once. */
    @Provide
    Arbitrary<Integer> batches() {
        return Arbitraries.of(
                Stages.STANDARD.all().stream()
                        .map(spec -> Math.max(1, spec.batch()))
                        .distinct()
                        .toList());
    }

    private static boolean blames(FailureCode code) {
        return code.category() != FailureCategory.EXTERNAL
                && code.category() != FailureCategory.RESOURCES;
    }

    /** Every kind of exception, at every position, in a batch of every stage's size. */
    @Property(generation = GenerationMode.EXHAUSTIVE)
    void shouldFailTheOneThatThrowsAndNoOther(
            @ForAll("batches") int size,
            @ForAll("faults") Supplier<Throwable> fault,
            @ForAll @IntRange(min = 0, max = 8) int culprit,
            @ForAll boolean atOnce) {
        Assume.that(culprit < size);
        var stage = new EchoStage();
        // What it throws ends the whole batch, before or after the others were looked at.
        stage.behave(
                request -> {
                    if (request.originalPrompt().startsWith("bad")) {
                        throw BlameTest.<RuntimeException>unchecked(fault.get());
                    }
                    return EchoStage.echo(request);
                });
        var bodies = compute(stage, size, culprit, atOnce);

        assertBlamed(bodies, culprit, fault.get());
    }

    @Property(generation = GenerationMode.EXHAUSTIVE)
    void shouldFailTheOneWithoutAnOutcomeAndNoOther(
            @ForAll @IntRange(min = 0, max = 8) int culprit, @ForAll boolean none) {
        var stage = new EchoStage();
        stage.behave(
                request ->
                        request.originalPrompt().startsWith("bad")
                                ? none ? null : new Outcome.Success<>(null, java.util.Map.of())
                                : EchoStage.echo(request));
        var bodies = compute(stage, 9, culprit, true);

        assertThat(bodies.get(culprit))
                .isInstanceOfSatisfying(
                        Failed.class,
                        f -> assertThat(f.code()).isEqualTo(FailureCode.INTERNAL_ERROR));
        assertOthersSucceeded(bodies, culprit);
    }

    private static void assertBlamed(List<Body> bodies, int culprit, Throwable fault) {
        var code = fault instanceof StageException e ? e.code() : FailureCode.INTERNAL_ERROR;
        assertThat(bodies.get(culprit))
                .isInstanceOfSatisfying(Failed.class, f -> assertThat(f.code()).isEqualTo(code));
        assertOthersSucceeded(bodies, culprit);
    }

    private static void assertOthersSucceeded(List<Body> bodies, int culprit) {
        for (int i = 0; i < bodies.size(); i++) {
            if (i != culprit) {
                assertThat(bodies.get(i)).as("item %d", i).isInstanceOf(Succeeded.class);
            }
        }
    }

    private static List<Body> compute(EchoStage stage, int size, int culprit, boolean fresh) {
        var session =
                new StageSession<PromptRequest, PromptResult>(
                        stage,
                        STORE,
                        CODEC,
                        Device.CPU,
                        new Producer("test", "1@0", "host", "cpu", "cpu"),
                        Clock.systemUTC());
        var image = STORE.putBlob("picture".getBytes(UTF_8), "image/png");
        var items = new ArrayList<Prepared<PromptRequest>>();
        for (int i = 0; i < size; i++) {
            var text = (i == culprit ? "bad " : "a fox ") + i;
            items.add(
                    session.prepare(
                            new WorkRef("w" + i, "run", "s" + i, StageName.PROMPT, null, 0),
                            new PromptRequest(text, image, PromptConfig.defaults())));
        }
        if (!fresh) {
            // Something is loaded already.
            session.compute(List.of(items.get((culprit + 1) % size)), 1, false, BatchListener.NONE);
        }
        return session.compute(items, 1, false, BatchListener.NONE);
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> T unchecked(Throwable t) throws T {
        throw (T) t;
    }

    @AfterContainer
    static void removeTheStore() throws IOException {
        STORE.close();
        try (var files = Files.walk(FOLDER)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    private static Path folder() {
        try {
            // In memory where the system has it: some thousand results are flushed to it.
            var memory = Path.of("/dev/shm");
            return Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "blame")
                    : Files.createTempDirectory("blame");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
