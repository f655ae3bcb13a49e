package dev.reelrank.geometry.met3r;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.Device;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testsupport.RelativeError;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.SafetensorsFile;
import dev.reelrank.torch.TensorScope;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against the original code of DUSt3R and FeatUp, on tiny random weights (make_met3r.py). */
final class Met3rParityIT {
    private static final Path FOLDER = Path.of("src/test/resources/met3r");
    private static final double TOLERANCE = 1e-4;
    private static final float RADIUS = 0.05f;
    private static final int THIN = 4;

    private static Met3r model;
    private static SafetensorsFile expected;

    @TempDir Path empty;

    @BeforeAll
    static void load() {
        model = Met3r.load(FOLDER.resolve("model"), Device.CPU, RADIUS);
        expected = SafetensorsFile.open(FOLDER.resolve("expected.safetensors"));
    }

    @AfterAll
    static void close() {
        expected.close();
        model.close();
    }

    private static Tensor image(int index) {
        return expected.tensor("images").narrow(0, index, 1).contiguous();
    }

    @Test
    void shouldSeePointsAndFeaturesAsTheOriginalsDo() {
        try (var scope = TensorScope.inference()) {
            var views = model.views(image(0), image(1));
            assertClose(views.get(0).points(), "points1");
            assertClose(views.get(1).points(), "points2");
            assertClose(views.get(0).confidence(), "sure1");
            assertClose(views.get(1).confidence(), "sure2");
            for (int i = 0; i < 2; i++) {
                Tensor thin = thinned(model.features(image(i)));
                assertClose(thin, expected.tensor("features").narrow(0, i, 1).contiguous());
            }
        }
    }

    private static Tensor thinned(Tensor x) {
        long[] every = new long[(int) x.size(2) / THIN];
        for (int i = 0; i < every.length; i++) {
            every[i] = (long) i * THIN;
        }
        Tensor index = Ops.tensor(every, every.length);
        return x.index_select(2, index).index_select(3, index).contiguous();
    }

    @Test
    void shouldScoreAPairAsTheOriginalDoes() {
        try (var scope = TensorScope.inference()) {
            double score =
                    model.pair(
                                    image(0),
                                    image(1),
                                    model.features(image(0)),
                                    model.features(image(1)))
                            .orElseThrow();
            assertThat(score).isCloseTo(Ops.floats(expected.tensor("score"))[0], within(TOLERANCE));
        }
    }

    private static void assertClose(Tensor actual, String name) {
        assertClose(actual, expected.tensor(name));
    }

    private static void assertClose(Tensor actual, Tensor wanted) {
        assertThat(actual.shape()).isEqualTo(wanted.shape());
        assertThat(RelativeError.of(Ops.floats(actual), Ops.floats(wanted))).isLessThan(TOLERANCE);
    }

    @Test
    void shouldGiveAVideoTheMeanOfItsPairsAndTheSameTwice() {
        var clip = new RoomRenderer(64, 64, 1).render(RoomMaker.scene(3), 3).frames();
        var report = model.measure(clip.size(), clip::get);
        assertThat(report.frames()).containsExactly(0, 1, 2);
        assertThat(report.pairs()).hasSize(2);
        assertThat(report).isEqualTo(model.measure(clip.size(), clip::get));
        if (report.score() != null) {
            assertThat(report.score()).isBetween(0.0, 2.0);
        } else {
            assertThat(report.reason()).isEqualTo("no two frames have points in common");
        }
    }

    @Test
    void shouldGiveNoScoreToOneFrameAndToAStillVideo() {
        var frame = new RgbImage(64, 64, new byte[3 * 64 * 64]);
        assertNone(List.of(frame), "the video has one frame");
        assertNone(Collections.nCopies(5, frame), "nothing moves");
    }

    private static void assertNone(List<RgbImage> frames, String reason) {
        var report = model.measure(frames.size(), frames::get);
        assertThat(report.score()).isNull();
        assertThat(report.reason()).isEqualTo(reason);
    }

    @Test
    void shouldNameTheFileThatIsMissing() {
        assertThatThrownBy(() -> Met3r.load(empty, Device.CPU))
                .isInstanceOf(StageException.class)
                .hasMessageContaining("dust3r.safetensors");
    }
}
