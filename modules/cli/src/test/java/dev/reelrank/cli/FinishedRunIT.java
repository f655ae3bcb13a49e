package dev.reelrank.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.client.results.RunFiles;
import dev.reelrank.client.results.RunView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.FinishConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageResult;
import dev.reelrank.pipeline.store.ResultStore;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.upscale.UpscaleOptions;
import dev.reelrank.upscale.UpscaledVideos;
import dev.reelrank.video.EncodingPreset;
import dev.reelrank.video.VideoReader;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.worker.store.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Winners that a run's configuration wants enlarged, with a small network of random weights. */
final class FinishedRunIT {
    private static final Path NETWORKS = Path.of("../upscale/src/test/resources/upscale");
    private static final VideoSettings CODEC =
            VideoSettings.h264(1).withPreset(EncodingPreset.ULTRAFAST);
    private static final int FRAMES = 3;

    @TempDir Path folder;
    private ResultStore store;
    private BlobRef winner;
    private final ModelOptions models = new ModelOptions();

    @BeforeEach
    void open() throws IOException {
        store = Stores.open(folder.resolve("store").toString());
        winner =
                store.putBlob(
                        RenderedClips.rendered(folder.resolve("clip.mp4"), 3, FRAMES), "video/mp4");
        models.models = folder.resolve("models");
        Files.createDirectories(folder.resolve("models/upscale"));
        Files.copy(NETWORKS.resolve("x2.pth"), folder.resolve("models/upscale/tiny.pth"));
    }

    @AfterEach
    void close() {
        store.close();
    }

    @Test
    void shouldWriteEnlargedWinnersBesideTheWinners() {
        var run = run("tiny");
        var files = new RunFiles(folder.resolve("out"), "r", store);
        run.samples().values().forEach(files::write);

        new FinishOptions().write(store, run, files, models);

        var before = VideoReader.probe(files.folder().resolve("fox.mp4"));
        var after = VideoReader.probe(files.folder().resolve("upscaled/fox.mp4"));
        assertThat(after.width()).isEqualTo(2 * before.width());
        assertThat(after.height()).isEqualTo(2 * before.height());
        assertThat(after.frames()).isEqualTo(FRAMES);
        assertThat(after.fps()).isEqualTo(before.fps());
        assertThat(files.folder().toFile().list())
                .as("nothing half-written")
                .noneMatch(name -> name.startsWith("."));
    }

    @Test
    void shouldLeaveARunAloneThatDoesNotAskForIt() {
        var files = new RunFiles(folder.resolve("out"), "r", store);

        new FinishOptions().write(store, run(null), files, models);

        assertThat(files.folder().resolve("upscaled")).doesNotExist();
    }

    @Test
    void shouldWriteOnlyWhatTheGateKeepsIfOnlyThatIsWanted() {
        var files = new RunFiles(folder.resolve("out"), "r", store, true);

        // Without a grade nothing is kept.
        new FinishOptions().write(store, run("tiny"), files, models);

        assertThat(files.folder().resolve("upscaled")).doesNotExist();
    }

    @Test
    void shouldNameTheFilesThatItLookedFor() {
        var files = new RunFiles(folder.resolve("out"), "r", store);

        assertThatThrownBy(() -> new FinishOptions().write(store, run("other"), files, models))
                .isInstanceOfSatisfying(
                        StageException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                .hasMessageContaining("finish.upscale is 'other'")
                .hasMessageContaining("models/upscale/other.pth")
                .hasMessageContaining("finish.upscale=none");
    }

    @Test
    void shouldSayThatTheRunIsDoneIfItsWinnerCannotBeEnlarged() throws IOException {
        Files.writeString(folder.resolve("models/upscale/bad.pth"), "no weights");
        var files = new RunFiles(folder.resolve("out"), "r", store);

        assertThatThrownBy(() -> new FinishOptions().write(store, run("bad"), files, models))
                .hasMessageContaining("the winner of fox cannot be enlarged")
                .hasMessageContaining("collect goes on here");
        assertThat(files.folder().resolve("upscaled")).doesNotExist();
    }

    @Test
    void shouldComputeAVideoOnceAndAgainOnlyWhenItIsGone() throws IOException {
        var computed = new AtomicInteger();
        BlobRef first = enlarged(computed, "fp32");
        assertThat(computed).hasValue(FRAMES);

        assertThat(enlarged(computed, "fp32")).isEqualTo(first);
        assertThat(computed).as("from the store").hasValue(FRAMES);

        assertThat(enlarged(computed, "bf16")).isNotEqualTo(first);
        assertThat(computed).as("in another precision").hasValue(2 * FRAMES);

        Files.delete(store.fetch(first, folder));
        assertThat(enlarged(computed, "fp32")).isEqualTo(first);
        assertThat(computed).as("gone from the store").hasValue(3 * FRAMES);
        assertThat(store.holds(first)).isTrue();
    }

    private BlobRef enlarged(AtomicInteger computed, String precision) {
        try (var videos =
                UpscaledVideos.of(
                        store,
                        folder.resolve("models/upscale/tiny.pth"),
                        Device.CPU,
                        new UpscaleOptions(256, 32, 1, precision))) {
            return videos.of(
                    winner, CODEC, folder.resolve("scratch"), done -> computed.incrementAndGet());
        }
    }

    private RunView run(@Nullable String upscale) {
        var d = RunConfiguration.defaults();
        var configuration =
                new RunConfiguration(
                        d.prompt(),
                        d.candidate(),
                        d.ranking(),
                        d.grade(),
                        new FinishConfig(upscale, "fp32", 256, 32));
        var run = new RunView("r");
        var image = new BlobRef("file:///fox.png", "0".repeat(64), 1, "image/png");
        run.apply(
                new SampleFact(
                        "r",
                        "fox",
                        "first",
                        "a fox",
                        image,
                        null,
                        null,
                        configuration,
                        null,
                        Instant.EPOCH));
        run.apply(
                fact(
                        StageName.CANDIDATE,
                        7L,
                        new CandidateResult(
                                7, winner, 64, 64, FRAMES, 8, 2, null, 1, "euler", null, "libx264",
                                null)));
        run.apply(
                fact(
                        StageName.RANKING,
                        null,
                        new RankingResult(
                                null,
                                "other",
                                new RankingResult.SubjectMask(false, List.of(), 0, "none"),
                                List.of(),
                                new RankingResult.Winner(7, 0, "the only one"),
                                0,
                                null,
                                null)));
        run.apply(
                new RunUpdated(
                        "r",
                        RunUpdated.Status.DONE,
                        1,
                        1,
                        0,
                        0,
                        configuration,
                        null,
                        Instant.EPOCH,
                        Instant.EPOCH,
                        List.of()));
        return run;
    }

    private static StageFact fact(StageName stage, @Nullable Long seed, StageResult result) {
        return new StageFact(
                new WorkRef("fox-" + stage.id() + seed, "r", "fox", stage, seed, 0),
                new Producer("w", "1@0", "host", "cpu", "cpu"),
                new Computation(
                        "key", 1, "weights", "fp32", "cpu", false, 0, 1, Map.of(), Map.of()),
                result,
                null,
                Instant.EPOCH);
    }
}
