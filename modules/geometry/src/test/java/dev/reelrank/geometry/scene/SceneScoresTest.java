package dev.reelrank.geometry.scene;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SceneScoresTest {
    private static final double[] STRAIGHT = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    private static final double[] RIGHT = {0, 0, -1, 0, 1, 0, 1, 0, 0};

    @Test
    void shouldAddTheWayAndATenthOfTheTurn() {
        var cameras =
                List.of(
                        camera(STRAIGHT, 0, 0, 0),
                        camera(STRAIGHT, 3, 4, 0),
                        camera(RIGHT, 3, 4, 0));
        assertThat(MotionNorm.of(cameras)).isEqualTo((5 + 0.1 * Math.PI / 2) / 2, within(1e-12));
        assertThat(MotionNorm.of(cameras.subList(0, 1))).isZero();
    }

    @Test
    void shouldMeasureNoMotionInPosesThatAreNotNumbers() {
        assertThat(
                        MotionNorm.of(
                                List.of(
                                        camera(STRAIGHT, 0, 0, 0),
                                        camera(STRAIGHT, Double.NaN, 0, 0))))
                .isZero();
    }

    @Test
    void shouldFindTheDepthsOfARigidRoomConsistent() {
        double rigid = Mvcs.of(Rooms.truth(Rooms.rigid(12))).orElseThrow();
        assertThat(rigid).isBetween(0.85, 1.0);
        // A model that takes one frame for half as near again is inconsistent.
        var scene = Rooms.truth(Rooms.rigid(12));
        int pixels = Rooms.SIDE * Rooms.SIDE;
        for (int i = 2 * pixels; i < 3 * pixels; i++) {
            scene.depth()[i] *= 1.5f;
        }
        assertThat(Mvcs.of(scene).orElseThrow()).isLessThan(rigid);
    }

    @Test
    void shouldBePerfectForAPlaneThatTheCameraApproaches() {
        // A wall at depth 4, then at depth 3.
        float[] depth = new float[2 * 64];
        Arrays.fill(depth, 0, 64, 4);
        Arrays.fill(depth, 64, 128, 3);
        var cameras = List.of(camera(STRAIGHT, 0, 0, 0), camera(STRAIGHT, 0, 0, -1));
        var scene = new Reconstruction(8, 8, cameras, depth, new float[128], new float[384]);
        assertThat(Mvcs.of(scene).orElseThrow()).isEqualTo(1, within(1e-9));
    }

    @Test
    void shouldHaveNoScoreIfNoFrameSeesTheOneBefore() {
        float[] depth = new float[2 * 64];
        Arrays.fill(depth, 1);
        var cameras = List.of(camera(STRAIGHT, 0, 0, 0), camera(STRAIGHT, 0, 0, -9));
        var scene = new Reconstruction(8, 8, cameras, depth, new float[128], new float[384]);
        assertThat(Mvcs.of(scene)).isEmpty();
    }

    @Test
    void shouldNameWhatIsNotANumber() {
        float[] depth = new float[4];
        depth[3] = Float.NaN;
        var scene =
                new Reconstruction(
                        2,
                        2,
                        List.of(camera(STRAIGHT, 0, 0, 0)),
                        depth,
                        new float[4],
                        new float[12]);
        assertThat(scene.fault()).hasValue("the model found depths that are not numbers");
    }

    @Test
    void shouldReadAPoseAsVggtWritesIt() {
        float half = (float) Math.sqrt(0.5);
        var camera =
                Camera.of(
                        new float[] {
                            1, 2, 3, 0, half, 0, half, (float) Math.PI / 2, (float) Math.PI / 3
                        },
                        40,
                        20);
        assertThat(camera.rotation())
                .containsExactly(new double[] {0, 0, 1, 0, 1, 0, -1, 0, 0}, within(1e-6));
        assertThat(camera.focalY()).isEqualTo(10, within(1e-5));
        assertThat(camera.focalX()).isEqualTo(20 * Math.sqrt(3), within(1e-5));
        // A point of the world comes back from the camera.
        double x = camera.axis(0, 5, 6, 7);
        double y = camera.axis(1, 5, 6, 7);
        double z = camera.axis(2, 5, 6, 7);
        assertThat(camera.world(0, x, y, z)).isEqualTo(5, within(1e-6));
        assertThat(camera.world(1, x, y, z)).isEqualTo(6, within(1e-6));
        assertThat(camera.world(2, x, y, z)).isEqualTo(7, within(1e-6));
    }

    private static Camera camera(double[] rotation, double x, double y, double z) {
        return new Camera(rotation, new double[] {x, y, z}, 8, 8, 4, 4);
    }
}
