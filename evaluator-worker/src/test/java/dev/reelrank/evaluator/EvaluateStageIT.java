package dev.reelrank.evaluator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.evaluation.metric.MetricInfo;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.config.EvaluateConfig;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.EvaluateRequest;
import dev.reelrank.pipeline.stage.EvaluateResult;
import dev.reelrank.pipeline.stage.Outcome;
import dev.reelrank.testbed.Corruption;
import dev.reelrank.testsupport.RenderedClips;
import dev.reelrank.video.Images;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import dev.reelrank.worker.store.LocalStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The stage with the testbed's models, on rendered scenes. */
final class EvaluateStageIT {
    private static final Path MODELS = Path.of("../models/testbed");
    private static final int SCENE = 3;
    private static final int FRAMES = 17;

    @TempDir Path folder;

    @Test
    void shouldLowerTheMetricThatIsMeantToSeeADefect() {
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var clean = RenderedClips.rendered(folder.resolve("clean.mp4"), SCENE, FRAMES);
            var swapped = corrupted(Corruption.IDENTITY_SWAP);
            var flickering = corrupted(Corruption.FLICKER);
            var results =
                    results(
                            stage(ModelFolders.of(MODELS)),
                            store,
                            List.of(clean, swapped, flickering),
                            List.of());
            var first = results.get(0);
            assertThat(first.measurements().keySet())
                    .containsExactlyInAnyOrderElementsOf(Metrics.names());
            assertThat(first.frames()).isEqualTo(FRAMES);
            first.measurements()
                    .forEach(
                            (name, m) -> {
                                if (m.value() != null) {
                                    MetricInfo info = Metrics.of(name);
                                    assertThat(m.value())
                                            .as(name)
                                            .isBetween(info.low(), info.high());
                                }
                            });
            for (String identity : List.of("identity_clip_min", "identity_dinov3_min")) {
                assertThat(value(results.get(1), identity))
                        .as(identity)
                        .isLessThan(value(first, identity) - 0.01);
            }
            assertThat(value(results.get(2), "temporal_flickering"))
                    .isLessThan(value(first, "temporal_flickering"));
            assertThat(value(results.get(2), "warping_error"))
                    .isGreaterThan(value(first, "warping_error"));
        }
    }

    @Test
    void shouldSayWhichModelIsMissingAndMeasureTheRest() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Files.createSymbolicLink(
                models.resolve("dinov3"), MODELS.resolve("dinov3").toAbsolutePath());
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var clean = RenderedClips.rendered(folder.resolve("clean.mp4"), SCENE, FRAMES);
            var result =
                    results(
                                    stage(ModelFolders.of(models)),
                                    store,
                                    List.of(clean),
                                    List.of(
                                            "identity_clip",
                                            "identity_dinov3",
                                            "identity_dinov3_masked"))
                            .get(0);
            assertThat(result.measurements()).hasSize(3);
            assertThat(result.measurements().get("identity_clip").value()).isNull();
            assertThat(result.measurements().get("identity_clip").reason()).contains("'clip'");
            assertThat(result.measurements().get("identity_dinov3_masked").reason())
                    .contains("'sam3'");
            assertThat(value(result, "identity_dinov3")).isGreaterThan(0.5);
        }
    }

    @Test
    void shouldMeasureWithVggtWhereItIsAndNameLpipsWhereThatIsMissing() throws IOException {
        Path models = Files.createDirectories(folder.resolve("models"));
        Path vggt = Path.of("../modules/geometry/src/test/resources/vggt/model");
        Files.createSymbolicLink(models.resolve("vggt"), vggt.toAbsolutePath().normalize());
        Path pairs = Path.of("../modules/geometry/src/test/resources/met3r/model");
        Files.createSymbolicLink(models.resolve("met3r"), pairs.toAbsolutePath().normalize());
        try (var store = LocalStore.open(folder.resolve("store"))) {
            var clean = RenderedClips.rendered(folder.resolve("clean.mp4"), SCENE, FRAMES);
            var result =
                    results(
                                    stage(ModelFolders.of(models)),
                                    store,
                                    List.of(clean),
                                    List.of("geometry_vggt", "geometry_vggt_mse", "mvcs", "met3r"))
                            .get(0);
            assertThat(result.measurements().get("geometry_vggt").value()).isNull();
            assertThat(result.measurements().get("geometry_vggt").reason()).contains("'lpips'");
            assertThat(value(result, "geometry_vggt_mse")).isBetween(0.0, 1.0);
            assertThat(value(result, "mvcs")).isBetween(0.0, 1.0);
            var met3r = result.measurements().get("met3r");
            // What random weights see may have nothing in common; then it says so.
            assertThat(met3r.value() == null ? met3r.reason() : "measured")
                    .matches("measured|.*no two frames have points in common");
        }
    }

    @Test
    void shouldFailABrokenVideoAlone() throws IOException {
        try (var store = LocalStore.open(folder.resolve("store"))) {
            Path broken = Files.writeString(folder.resolve("broken.mp4"), "no video");
            var still = RenderedClips.rendered(folder.resolve("still.mp4"), SCENE, 1);
            var outcomes =
                    stage(ModelFolders.of(MODELS))
                            .run(
                                    List.of(
                                            request(store, broken, List.of("identity_clip")),
                                            request(
                                                    store,
                                                    still,
                                                    List.of("identity_clip", "warping_error"))),
                                    new Batch(store, folder));
            assertThat(outcomes.get(0))
                    .isInstanceOfSatisfying(
                            Outcome.Failed.class,
                            failed ->
                                    assertThat(failed.code())
                                            .isEqualTo(FailureCode.UNREADABLE_VIDEO));
            var measured = ((Outcome.Success<EvaluateResult>) outcomes.get(1)).result();
            assertThat(value(measured, "identity_clip")).isGreaterThan(0.5);
            assertThat(measured.measurements().get("warping_error").reason())
                    .isEqualTo("the video has one frame");
        }
    }

    private Path corrupted(Corruption corruption) {
        return RenderedClips.corrupted(folder.resolve(corruption + ".mp4"), SCENE, corruption);
    }

    private EvaluateStage stage(ModelFolders folders) {
        return new EvaluateStage(
                folders, new FileFingerprints(folder.resolve("cache")), Device.CPU);
    }

    private List<EvaluateResult> results(
            EvaluateStage stage, LocalStore store, List<Path> videos, List<String> metrics) {
        return stage
                .run(
                        videos.stream().map(v -> request(store, v, metrics)).toList(),
                        new Batch(store, folder))
                .stream()
                .map(o -> ((Outcome.Success<EvaluateResult>) o).result())
                .toList();
    }

    private EvaluateRequest request(LocalStore store, Path video, List<String> metrics) {
        Path image = folder.resolve("reference.png");
        Images.writePng(image, RenderedClips.still(SCENE));
        return new EvaluateRequest(
                RenderedClips.prompt(SCENE),
                null,
                store.putBlob(image, "image/png"),
                new CandidateVideo(1, store.putBlob(video, "video/mp4"), "w"),
                EvaluateConfig.defaults().withMetrics(metrics));
    }

    private static double value(EvaluateResult result, String metric) {
        return java.util.Objects.requireNonNull(
                result.measurements().get(metric).value(),
                () -> metric + ": " + result.measurements().get(metric).reason());
    }
}
