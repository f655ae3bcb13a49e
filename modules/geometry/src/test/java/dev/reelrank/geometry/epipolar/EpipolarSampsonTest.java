package dev.reelrank.geometry.epipolar;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class EpipolarSampsonTest {
    private static final int FRAMES = 9;
    private static final IntFunction<Room.View> PUSH_IN =
            i -> new Room.View(0.06 * i, 0, -3 + 0.12 * i, 0.01 * i, 0);

    private final EpipolarSampson score = new EpipolarSampson(EpipolarSampson.Settings.DEFAULT);

    @Test
    void shouldFindLittleFaultWithARigidRoom() {
        var report = score.measure(Room.clip(FRAMES, 320, 240, PUSH_IN));
        assertThat(report.reason()).isNull();
        assertThat(report.score()).isLessThan(0.35);
        assertThat(report.motion()).isPositive();
        assertThat(report.pairs()).hasSize(7 + 5 + 1);
    }

    @Test
    void shouldNoticeWallsThatSwim() {
        double rigid = value(Room.clip(FRAMES, 320, 240, PUSH_IN));
        double swims =
                value(
                        Room.clip(
                                FRAMES,
                                320,
                                240,
                                i -> {
                                    var view = PUSH_IN.apply(i);
                                    return new Room.View(
                                            view.x(), view.y(), view.z(), view.yaw(), 0.5 * i);
                                }));
        assertThat(swims).isGreaterThan(2 * rigid);
    }

    @Test
    void shouldNoticeACameraThatJumps() {
        double rigid = value(Room.clip(FRAMES, 320, 240, PUSH_IN));
        var jumping =
                score.measure(
                        Room.clip(
                                FRAMES,
                                320,
                                240,
                                i -> {
                                    var view = PUSH_IN.apply(i);
                                    double aside = 2 * i < FRAMES ? 0 : 0.4;
                                    return new Room.View(
                                            view.x() + aside, view.y(), view.z(), view.yaw(), 0);
                                }));
        assertThat(jumping.score()).isGreaterThan(2 * rigid);
        assertThat(jumping.pairs().stream().map(FramePair::reason))
                .filteredOn(Jumps.REASON::equals)
                .hasSize(2);
    }

    @Test
    void shouldCountWhatStandsStillInAPictureThatMoves() {
        IntFunction<Room.View> shift = i -> new Room.View(0.08 * i, 0, -2, 0, 0);
        var rigid = score.measure(Room.clip(FRAMES, 320, 240, shift));
        var other = Room.clip(1, 320, 240, i -> new Room.View(0, 0.3, 1, 0.4, 0)).get(0);
        var slides =
                score.measure(
                        Room.clip(FRAMES, 320, 240, shift).stream()
                                .map(frame -> patched(frame, other))
                                .toList());
        assertThat(rigid.anchored()).isCloseTo(rigid.score(), Offset.offset(0.01));
        // What moves with a camera that only shifts lies on its epipolar lines.
        assertThat(slides.score()).isLessThan(1.3 * rigid.score());
        assertThat(slides.anchored()).isGreaterThan(1.5 * rigid.anchored());
    }

    @Test
    void shouldTurnARolledPictureBackBeforeAnythingStandsStill() {
        double[] still = new double[4 * 30];
        double[] moving = new double[4 * 60];
        for (int i = 0; i < 30; i++) {
            turned(still, i, 140 + 2 * (i % 6), 150 + 2 * (i / 6), 0);
        }
        for (int i = 0; i < 60; i++) {
            turned(moving, i, 20 + 28 * (i % 10), 20 + 18 * (i / 10), 12);
        }
        double[] all = Arrays.copyOf(moving, moving.length + still.length);
        System.arraycopy(still, 0, all, moving.length, still.length);

        boolean[] anchored = Anchored.of(new PointMatches(all), 320, 240);

        assertThat(Arrays.copyOfRange(anchored, 60, 90)).doesNotContain(false);
        assertThat(Arrays.copyOfRange(anchored, 0, 60)).doesNotContain(true);
    }

    /** A point turned by 0.2 around the middle of 320x240 pixels, and shifted. */
    private static void turned(double[] matches, int i, double x, double y, double shift) {
        matches[4 * i] = x;
        matches[4 * i + 1] = y;
        double a = x - 160;
        double b = y - 120;
        matches[4 * i + 2] = 160 + Math.cos(0.2) * a - Math.sin(0.2) * b + shift;
        matches[4 * i + 3] = 120 + Math.sin(0.2) * a + Math.cos(0.2) * b;
    }

    /** With a part of another frame in the middle. */
    private static RgbImage patched(RgbImage frame, RgbImage other) {
        byte[] rgb = frame.rgb().clone();
        for (int y = 80; y < 160; y++) {
            int at = 3 * (y * frame.width() + 110);
            System.arraycopy(other.rgb(), at, rgb, at, 3 * 100);
        }
        return new RgbImage(frame.width(), frame.height(), rgb);
    }

    @Test
    void shouldNotTakeAMotionThatBecomesFasterForAJump() {
        var report =
                score.measure(
                        Room.clip(
                                FRAMES,
                                320,
                                240,
                                i -> {
                                    var view = PUSH_IN.apply(i);
                                    return new Room.View(
                                            view.x() + 0.004 * i * i,
                                            view.y(),
                                            view.z(),
                                            view.yaw(),
                                            0);
                                }));
        assertThat(report.pairs().stream().map(FramePair::reason)).doesNotContain(Jumps.REASON);
    }

    @Test
    void shouldScoreAPortraitVideoLikeAnyOther() {
        assertThat(value(Room.clip(FRAMES, 192, 320, PUSH_IN))).isLessThan(0.4);
    }

    @Test
    void shouldGiveTheSameScoreTwice() {
        var clip = Room.clip(5, 160, 120, PUSH_IN);
        assertThat(score.measure(clip)).isEqualTo(score.measure(clip));
    }

    @Test
    void shouldGiveNoScoreToAFrozenVideo() {
        var frame = Room.clip(1, 320, 240, PUSH_IN).get(0);
        assertSilent(Collections.nCopies(10, frame), "nothing moves");
    }

    @Test
    void shouldGiveNoScoreToACameraThatOnlyTurns() {
        assertSilent(
                Room.clip(FRAMES, 320, 240, i -> new Room.View(0, 0, -2, 0.02 * i, 0)),
                "no depth in the motion");
    }

    @Test
    void shouldGiveNoScoreToBlackFrames() {
        var black = new RgbImage(320, 240, new byte[320 * 240 * 3]);
        assertSilent(List.of(black, black, black), "too few matches (1 of 1 pairs)");
    }

    @Test
    void shouldGiveNoScoreToOneFrame() {
        assertSilent(Room.clip(1, 320, 240, PUSH_IN), "the video has one frame");
    }

    @Test
    void shouldCompareNeighboursInAVideoThatIsTooShortForOtherPairs() {
        assertThat(score.measure(Room.clip(2, 160, 120, PUSH_IN)).pairs()).hasSize(1);
    }

    @Test
    void shouldLookAtTheFirstAndTheLastFrameOfALongVideo() {
        assertThat(score.chosen(81)).hasSize(17).startsWith(0, 5).endsWith(75, 80);
        assertThat(score.chosen(2)).containsExactly(0, 1);
    }

    private double value(List<RgbImage> clip) {
        var report = score.measure(clip);
        assertThat(report.score()).as(String.valueOf(report.reason())).isNotNull();
        return report.score();
    }

    private void assertSilent(List<RgbImage> clip, String reason) {
        var report = score.measure(clip);
        assertThat(report.score()).as(report.toString()).isNull();
        assertThat(report.anchored()).isNull();
        assertThat(report.reason()).contains(reason);
    }
}
