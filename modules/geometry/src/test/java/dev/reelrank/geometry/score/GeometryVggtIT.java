package dev.reelrank.geometry.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.geometry.vggt.Vggt;
import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * The whole score on the tiny random weights: what it says of bad input, and what it is made of.
 */
final class GeometryVggtIT {
    private static final Path FIXTURE = Path.of("src/test/resources/vggt/model");
    private static GeometryVggt score;

    @BeforeAll
    static void load() {
        score = new GeometryVggt(Vggt.load(FIXTURE, Device.CPU), null, "tiny");
    }

    @AfterAll
    static void close() {
        score.close();
    }

    private static List<RgbImage> clip(int width, int height) {
        return new RoomRenderer(width, height, 1).render(RoomMaker.scene(3), 12).frames();
    }

    @Test
    void shouldRecordWhatTheScoreIsMadeOf() {
        var report = score.measure(clip(80, 60));
        assertThat(report.reason()).isNull();
        assertThat(report.metric()).isEqualTo("geometry_vggt_mse");
        assertThat(report.score()).isEqualTo(report.mse()).isBetween(0.0, 1.0);
        assertThat(report.motionNorm()).isPositive();
        assertThat(report.frames()).containsExactly(0, 1, 2, 3, 4, 6, 7, 8, 9, 11);
        assertThat(report).isEqualTo(score.measure(clip(80, 60)));
    }

    @Test
    void shouldScoreAPortraitVideo() {
        assertThat(score.measure(clip(60, 80)).score()).isNotNull();
    }

    @Test
    void shouldShowFramesReprojectionsDepthsAndTheCloud() {
        var clip = clip(80, 60);
        var explained = score.explain(clip.size(), clip::get);
        assertThat(explained.pictures()).containsOnlyKeys("reprojection", "cloud");
        assertThat(explained.pictures().get("reprojection").getWidth()).isEqualTo(1680);
        assertThat(explained.pictures().get("reprojection").getHeight()).isEqualTo(504);
    }

    @Test
    void shouldGiveNoScoreToOneFrame() {
        assertNone(clip(80, 60).subList(0, 1), "the video has one frame");
    }

    @Test
    void shouldGiveNoScoreToEqualFrames() {
        assertNone(Collections.nCopies(10, clip(80, 60).get(0)), "nothing moves");
    }

    @Test
    void shouldGiveNoScoreToAVideoThatFreezesAfterAThird() {
        var frozen = new ArrayList<>(clip(80, 60).subList(0, 4));
        frozen.addAll(Collections.nCopies(8, frozen.get(3)));
        assertNone(frozen, "most of it stands still");
    }

    @Test
    void shouldGiveNoScoreToBlackFrames() {
        assertNone(
                Collections.nCopies(10, new RgbImage(80, 60, new byte[80 * 60 * 3])),
                "the frames show nothing");
    }

    private static void assertNone(List<RgbImage> frames, String reason) {
        var report = score.measure(frames);
        assertThat(report.score()).isNull();
        assertThat(report.reason()).isEqualTo(reason);
        assertThat(score.explain(frames.size(), frames::get).pictures()).isEmpty();
    }
}
