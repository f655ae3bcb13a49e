package dev.reelrank.reranker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.config.RankingConfig;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import dev.reelrank.reranker.explain.ContactSheet;
import dev.reelrank.reranker.report.RankingReport;
import dev.reelrank.testbed.room.RoomFault;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import dev.reelrank.video.VideoSettings;
import dev.reelrank.video.VideoWriter;
import dev.reelrank.worker.models.FileFingerprints;
import dev.reelrank.worker.models.ModelFolders;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The geometry scores among the measures of a ranking, on rendered rooms. */
final class GeometryRankingIT {
    private static final int FRAMES = 9;
    private static final Path VGGT = Path.of("../modules/geometry/src/test/resources/vggt/model");
    private static final RankingConfig PLAIN = RankingConfig.defaults();

    @TempDir static Path folder;
    private static List<Path> clips = List.of();
    private static RgbImage reference = new RgbImage(1, 1, new byte[3]);

    @BeforeAll
    static void render() throws IOException {
        RoomScene scene = RoomMaker.scene(5);
        var renderer = new RoomRenderer(224, 224, 1);
        List<RgbImage> rigid = renderer.render(scene, FRAMES).frames();
        reference = rigid.get(0);
        clips =
                List.of(
                        video("bent.mp4", bent(renderer, scene)),
                        video("frozen.mp4", Collections.nCopies(FRAMES, rigid.get(0))),
                        video("rigid.mp4", rigid));
        Files.createDirectories(folder.resolve("models"));
        for (String name : List.of("dinov3", "sam3")) {
            link(name, TinyModels.FOLDER.resolve(name));
        }
        link("vggt", VGGT);
    }

    private static List<RgbImage> bent(RoomRenderer renderer, RoomScene scene) {
        return renderer.render(scene, FRAMES, RoomFault.SWIMMING_TEXTURE, 1).frames();
    }

    private static void link(String name, Path to) throws IOException {
        Files.createSymbolicLink(
                folder.resolve("models").resolve(name), to.toAbsolutePath().normalize());
    }

    private static Path video(String name, List<RgbImage> frames) {
        Path file = folder.resolve(name);
        try (var writer = VideoWriter.open(file, 224, 224, VideoSettings.h264(16))) {
            frames.forEach(writer::write);
            writer.finish();
        }
        return file;
    }

    private static RankingStage stage(Path models) {
        return new RankingStage(
                ModelFolders.of(models),
                new FileFingerprints(folder.resolve("cache")),
                Device.CPU,
                1);
    }

    private static RankingReport ranked(RankingConfig config) {
        try (var stage = stage(folder.resolve("models"))) {
            stage.load(stage.loadKey(config), Device.CPU);
            return stage.rankFiles(
                    reference, "A room.", null, clips, new int[] {0, 1, 2}, config, (a, b) -> {});
        }
    }

    private static RankingConfig weighing(double geometry) {
        return PLAIN.withWeights(new RankingConfig.Weights(0.65, 0.25, 0.10, 0, 0, null, geometry));
    }

    @Test
    void shouldLetTheRigidRoomWinAndNotTheFrozenOneWhereGeometryHasAWeight() {
        var report = ranked(weighing(1));
        assertThat(report.choice().index()).isEqualTo(2);
        List<GeometryScore> scores =
                report.candidates().stream().map(c -> c.geometry().get(0)).toList();
        assertThat(scores).extracting(GeometryScore::metric).containsOnly("epipolar_sampson");
        assertThat(scores.get(0).score()).isGreaterThan(scores.get(2).score());
        assertThat(scores.get(1).score()).isNull();
        assertThat(scores.get(1).reason()).contains("nothing moves");
        assertThat(scores.get(1).term()).isZero();
        assertThat(scores.get(2).parts()).containsKeys("motion", "pairs", "matches");
        assertThat(report.timings()).containsKey("geometry");
    }

    @Test
    void shouldMeasureWithoutAWeightAndChooseAsBefore() {
        var before = ranked(PLAIN);
        var after = ranked(PLAIN.withGeometry(List.of("geometry_vggt_mse", "epipolar_sampson")));
        for (int i = 0; i < clips.size(); i++) {
            var candidate = after.candidates().get(i);
            assertThat(candidate.composite()).isEqualTo(before.candidates().get(i).composite());
            assertThat(candidate.geometry())
                    .extracting(GeometryScore::metric)
                    .containsExactly("geometry_vggt_mse", "epipolar_sampson");
        }
        assertThat(before.candidates().get(0).geometry()).isEmpty();
        assertThat(linesThatDiffer(ContactSheet.draw(before), ContactSheet.draw(after)))
                .as("two lines per candidate on the sheet, and nothing else")
                .isBetween(clips.size() * 2 * 8, clips.size() * 2 * 16);
        assertThat(after.candidates().get(2).geometry().get(0).score()).isBetween(0.0, 1.0);
        assertThat(after.candidates().get(1).geometry().get(0).score()).isNull();
    }

    private static int linesThatDiffer(BufferedImage one, BufferedImage other) {
        assertThat(other.getHeight()).isEqualTo(one.getHeight());
        int[] rows =
                IntStream.range(0, one.getHeight())
                        .filter(
                                y ->
                                        IntStream.range(0, one.getWidth())
                                                .anyMatch(
                                                        x ->
                                                                one.getRGB(x, y)
                                                                        != other.getRGB(x, y)))
                        .toArray();
        return rows.length;
    }

    @Test
    void shouldNameTheMissingModelWhenAScoreNeedsIt() {
        var config = PLAIN.withGeometry(List.of("geometry_vggt"));
        try (var stage = stage(folder.resolve("models"))) {
            assertThatThrownBy(() -> stage.loadKey(config))
                    .isInstanceOfSatisfying(
                            StageException.class,
                            e -> assertThat(e.code()).isEqualTo(FailureCode.MODEL_MISSING))
                    .hasMessageContaining("lpips");
        }
    }

    @Test
    void shouldKeepTheFingerprintOfRankingsThatDoNotLookAtGeometry() {
        try (var stage = stage(folder.resolve("models"));
                var without = stage(TinyModels.FOLDER)) {
            assertThat(stage.fingerprint(stage.loadKey(weighing(0.5))))
                    .isEqualTo(without.fingerprint(without.loadKey(PLAIN)));
            var vggt = PLAIN.withGeometry(List.of("geometry_vggt_mse"));
            assertThat(stage.fingerprint(stage.loadKey(vggt)))
                    .isNotEqualTo(stage.fingerprint(stage.loadKey(PLAIN)));
        }
    }
}
