package dev.reelrank.grading.spatial;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.grading.prompt.Deed;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MovementTest {
    @Test
    void shouldReadMovementsFromTheAction() {
        assertThat(Movement.of(new Deed(0, "the red ring slides slowly to the left", false)))
                .containsExactly(Movement.LEFT);
        assertThat(Movement.of(new Deed(0, "the box rises", false))).containsExactly(Movement.UP);
        assertThat(Movement.of(new Deed(0, "the apple grows larger", false)))
                .containsExactly(Movement.GROW);
        assertThat(Movement.of(new Deed(0, "the cat bounces up and down", false)))
                .containsExactly(Movement.BOUNCE);
        assertThat(Movement.of(new Deed(0, "the kite moves up and down", false)))
                .containsExactly(Movement.BOUNCE);
        assertThat(Movement.of(new Deed(0, "the watch turns counterclockwise", false)))
                .containsExactly(Movement.COUNTERCLOCKWISE);
        assertThat(
                        Movement.of(
                                new Deed(
                                        0,
                                        "the ring slides to the right while rotating clockwise",
                                        false)))
                .containsExactly(Movement.RIGHT, Movement.CLOCKWISE);
    }

    @Test
    void shouldOnlyExpectSomeMovementWhenTheWayCannotBeTold() {
        assertThat(Movement.of(new Deed(0, "the bird walks from left to right", false)))
                .containsExactly(Movement.ANY);
        assertThat(Movement.of(new Deed(0, "the man waves", false))).containsExactly(Movement.ANY);
        assertThat(Movement.of(new Deed(0, "the cat sits still", true)))
                .containsExactly(Movement.STILL);
    }

    @Test
    void shouldTellTheWayFromItsOppositeAndFromStandingStill() {
        var still = new Trace(List.of(Pose.START, Pose.START), 0, 0);
        check(Movement.LEFT, new Pose(-.2, 0, 0, 0), new Pose(.2, 0, 0, 0), still);
        check(Movement.RIGHT, new Pose(.2, 0, 0, 0), new Pose(-.2, 0, 0, 0), still);
        check(Movement.UP, new Pose(0, -.2, 0, 0), new Pose(0, .2, 0, 0), still);
        check(Movement.DOWN, new Pose(0, .2, 0, 0), new Pose(0, -.2, 0, 0), still);
        check(Movement.GROW, new Pose(0, 0, 0, .5), new Pose(0, 0, 0, -.5), still);
        check(Movement.SHRINK, new Pose(0, 0, 0, -.5), new Pose(0, 0, 0, .5), still);
        check(Movement.CLOCKWISE, new Pose(0, 0, 1, 0), new Pose(0, 0, -1, 0), still);
        check(Movement.COUNTERCLOCKWISE, new Pose(0, 0, -1, 0), new Pose(0, 0, 1, 0), still);
        assertThat(Movement.ANY.kept(still)).isZero();
        assertThat(Movement.ANY.kept(new Trace(List.of(Pose.START), 0.1, 0.1))).isEqualTo(1);
    }

    @Test
    void shouldTakeForRestOnlyWhatStaysWhereItIs() {
        assertThat(Movement.STILL.kept(Trace.NONE)).isEqualTo(1);
        assertThat(Movement.STILL.kept(new Trace(List.of(Pose.START), 0, .01))).isEqualTo(1);
        // It turns: its outline stays where it is, its points do not.
        assertThat(Movement.STILL.kept(new Trace(List.of(Pose.START), .1, .1))).isZero();
    }

    private static void check(Movement movement, Pose right, Pose wrong, Trace still) {
        assertThat(movement.kept(new Trace(List.of(Pose.START, right), .1, .1))).isEqualTo(1);
        assertThat(movement.kept(new Trace(List.of(Pose.START, wrong), .1, .1))).isZero();
        assertThat(movement.kept(still)).isEqualTo(.5);
    }

    @Test
    void shouldTakeForABounceOnlyWhatComesBack() {
        var up = new Pose(0, -.2, 0, 0);
        assertThat(Movement.BOUNCE.kept(new Trace(List.of(Pose.START, up, Pose.START), .4, .4)))
                .isEqualTo(1);
        assertThat(Movement.BOUNCE.kept(new Trace(List.of(Pose.START, up), .2, .2))).isEqualTo(.5);
        assertThat(
                        Movement.BOUNCE.kept(
                                new Trace(List.of(Pose.START, new Pose(0, .2, 0, 0)), .2, .2)))
                .isZero();
    }

    @Test
    void shouldFitWayTurnAndGrowthThoughSomePointsStayBehind() {
        float[] from = new float[80];
        float[] to = new float[80];
        for (int i = 0; i < 40; i++) {
            double x = i % 8 - 3.5;
            int row = i / 8;
            double y = row - 2.0;
            from[2 * i] = (float) (50 + x);
            from[2 * i + 1] = (float) (40 + y);
            // Clockwise on a picture whose y points down: x goes towards y.
            to[2 * i] = (float) (60 + 2 * (x * Math.cos(.5) - y * Math.sin(.5)));
            to[2 * i + 1] = (float) (30 + 2 * (x * Math.sin(.5) + y * Math.cos(.5)));
        }
        var whole = Pose.between(from, to, 100, 100, Pose.START);
        assertThat(whole.x()).isCloseTo(.1, within(1e-3));
        assertThat(whole.y()).isCloseTo(-.1, within(1e-3));
        assertThat(whole.turn()).isCloseTo(.5, within(1e-3));
        assertThat(whole.growth()).isCloseTo(Math.log(2), within(1e-3));
        // Three points stay on the background, one left the picture.
        for (int i = 0; i < 3; i++) {
            to[2 * i] = from[2 * i];
            to[2 * i + 1] = from[2 * i + 1];
        }
        to[8] = Float.NaN;
        to[9] = Float.NaN;
        var part = Pose.between(from, to, 100, 100, Pose.START);
        assertThat(part.turn()).isCloseTo(.5, within(1e-2));
        assertThat(part.growth()).isCloseTo(Math.log(2), within(1e-2));
        // From 3.4 on, the same picture is a turn that went on.
        var on = Pose.between(from, to, 100, 100, new Pose(0, 0, 6, 0));
        assertThat(on.turn()).isCloseTo(.5 + 2 * Math.PI, within(1e-2));
    }

    @Test
    void shouldKeepThePoseWhenNoPointIsLeft() {
        var before = new Pose(.1, .2, .3, .4);
        float[] gone = {Float.NaN, Float.NaN};
        assertThat(Pose.between(new float[] {1, 2}, gone, 10, 10, before)).isEqualTo(before);
        assertThat(Pose.between(new float[0], new float[0], 10, 10, before)).isEqualTo(before);
    }
}
