package dev.reelrank.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.generators.GeneratorFamilies;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.video.Images;
import dev.reelrank.video.VideoReader;
import dev.reelrank.worker.compute.BatchListener;
import dev.reelrank.worker.compute.StageRunner;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Candidates that pause, on tiny random weights. */
final class PausedCandidateIT {
    private static final Path TINY = Path.of("../modules/wan/src/test/resources/wan/i2v");
    private static final int STEPS = 4;

    @TempDir Path folder;
    private Path models;

    @BeforeEach
    void link() throws IOException {
        models = Files.createDirectories(folder.resolve("models"));
        for (var of :
                Map.of("wan", TINY, "lightning", TINY.resolveSibling("lightning")).entrySet()) {
            Files.createSymbolicLink(models.resolve(of.getKey()), of.getValue().toRealPath());
        }
    }

    /** A worker with a store of its own, and the steps that it made last. */
    private final class Worker implements AutoCloseable {
        private final Path place;
        private final ResultStore store;
        private final StageRunner<CandidateRequest, CandidateResult> runner;
        private final List<Integer> steps = new ArrayList<>();

        Worker(String name) {
            place = folder.resolve(name);
            store = Stores.open(place.toString());
            runner =
                    StageRunner.of(
                            new GeneratorStage(
                                    GeneratorFamilies.all(),
                                    ModelFolders.of(models),
                                    new FileFingerprints(folder.resolve("cache")),
                                    () -> Stores.open(place.toString()),
                                    Device.CPU),
                            store,
                            Device.CPU);
        }

        StageRunner.Answer<CandidateResult> run(
                CandidateConfig config, @Nullable Integer pauseAfter) {
            steps.clear();
            byte[] rgb = new byte[48 * 32 * 3];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (i * 31);
            }
            BlobRef image = store.putBlob(Images.png(new RgbImage(48, 32, rgb)), "image/png");
            return runner.run(
                    new CandidateRequest("a cat runs", image, 7, config, pauseAfter),
                    new BatchListener() {
                        @Override
                        public void progress(int item, int step, int of) {
                            steps.add(step);
                        }

                        @Override
                        public boolean cancelled() {
                            return false;
                        }

                        @Override
                        public void loaded(String model, long millis) {}
                    });
        }

        /** Where it paused. */
        List<Path> states() throws IOException {
            try (Stream<Path> files = Files.walk(place.resolve("drafts"))) {
                return files.filter(Files::isRegularFile).toList();
            }
        }

        @Override
        public void close() {
            runner.close();
            store.close();
        }
    }

    private static CandidateConfig config(String scheduler) {
        return new CandidateConfig(
                null,
                List.of(7L),
                STEPS,
                32,
                32,
                "area",
                17,
                8.0,
                1.0,
                "",
                scheduler,
                5.0,
                null,
                Map.of(),
                List.of(),
                "auto",
                "auto",
                "h264",
                18);
    }

    private CandidateResult whole(String scheduler) {
        try (var worker = new Worker("whole")) {
            return worker.run(config(scheduler), null).result();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"euler", "unipc"})
    void shouldMakeTheSameVideoWithAndWithoutAPause(String scheduler) throws Exception {
        CandidateResult expected = whole(scheduler);
        for (int after = 1; after < STEPS; after++) {
            try (var worker = new Worker("after-" + after)) {
                var draft = worker.run(config(scheduler), after).result();
                assertThat(draft.pausedAfter()).isEqualTo(draft.steps()).isEqualTo(after);
                assertThat(worker.steps).hasSize(after);
                var finished = worker.run(config(scheduler), null).result();
                assertThat(worker.steps)
                        .as("it goes on")
                        .hasSize(STEPS - after)
                        .first()
                        .isEqualTo(after + 1);
                assertThat(finished.video().sha256()).isEqualTo(expected.video().sha256());
                assertThat(finished.pausedAfter()).isNull();
                assertThat(finished.switchStep()).isEqualTo(expected.switchStep());
                assertThat(worker.states()).as("nobody goes on from there").isEmpty();
            }
        }
    }

    @Test
    void shouldGoOnFromAnEarlierDraftToALaterOne() throws Exception {
        CandidateResult expected = whole("unipc");
        try (var worker = new Worker("further")) {
            worker.run(config("unipc"), 1);
            worker.run(config("unipc"), 3);
            assertThat(worker.steps).containsExactly(2, 3);
            var finished = worker.run(config("unipc"), null).result();
            assertThat(worker.steps).containsExactly(4);
            assertThat(finished.video().sha256()).isEqualTo(expected.video().sha256());
        }
    }

    @Test
    void shouldShowWhatACandidateIsAboutToBecome() {
        try (var worker = new Worker("preview")) {
            var draft = worker.run(config("euler"), 2).result();
            var info = VideoReader.probe(worker.store.fetch(draft.video(), folder));
            assertThat(info.frames()).isEqualTo(4).isEqualTo(draft.frames());
            assertThat(info.width()).isEqualTo(32);
        }
    }

    @Test
    void shouldBeginFromTheNoiseWhereThePausedStateIsGoneOrAltered() throws Exception {
        CandidateResult expected = whole("euler");
        try (var worker = new Worker("altered")) {
            worker.run(config("euler"), 2);
            Path state = worker.states().get(0);
            byte[] bytes = Files.readAllBytes(state);
            bytes[bytes.length - 1] ^= 1;
            Files.write(state, bytes);
            var finished = worker.run(config("euler"), null).result();
            assertThat(worker.steps).containsExactly(1, 2, 3, 4);
            assertThat(finished.video().sha256()).isEqualTo(expected.video().sha256());
        }
        try (var worker = new Worker("gone")) {
            worker.run(config("euler"), 2);
            Files.delete(worker.states().get(0));
            var finished = worker.run(config("euler"), null).result();
            assertThat(finished.video().sha256()).isEqualTo(expected.video().sha256());
        }
    }

    @Test
    void shouldNotGoOnFromAStateOfOtherWeights() throws Exception {
        try (var worker = new Worker("weights")) {
            worker.run(config("euler"), 2);
            var merged =
                    config("euler").withLoras(List.of(new CandidateConfig.Lora("lightning", 0.5)));
            worker.run(merged, null);
            assertThat(worker.steps).containsExactly(1, 2, 3, 4);
            assertThat(worker.states()).as("of the other").hasSize(1);
        }
    }

    @Test
    void shouldFindTheFinishedCandidateThatARunWithoutPauseHasMade() {
        try (var worker = new Worker("found")) {
            worker.run(config("euler"), null);
            worker.run(config("euler"), 2);
            assertThat(worker.run(config("euler"), null).computation().reused()).isTrue();
        }
    }

    @Test
    void shouldSayThatThereAreNotSoManySteps() {
        try (var worker = new Worker("steps")) {
            assertThatThrownBy(() -> worker.run(config("euler"), STEPS))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.INVALID_CONFIG))
                    .hasMessageContaining("candidate.prune.after is 4")
                    .hasMessageContaining("4 steps");
        }
    }
}
