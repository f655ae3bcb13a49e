package dev.reelrank.geometry.scene;

import static org.assertj.core.api.Assertions.assertThat;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.room.RoomFault;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class ReprojectionTest {
    private static final double[] STRAIGHT = {1, 0, 0, 0, 1, 0, 0, 0, 1};
    private static final Camera AT_ORIGIN =
            new Camera(STRAIGHT, new double[] {0, 0, 0}, 2, 2, 1, 1);

    @ParameterizedTest
    @EnumSource(
            value = RoomFault.class,
            names = {"BENDING_WALLS", "SLIDING_OBJECT", "SWIMMING_TEXTURE"})
    void shouldFitARigidRoomBetterThanAFaultyOne(RoomFault fault) {
        for (long seed = 11; seed < 15; seed++) {
            double rigid = error(Rooms.rigid(seed));
            assertThat(rigid).isLessThan(0.012);
            assertThat(error(Rooms.faulty(seed, fault))).isGreaterThan(rigid);
        }
    }

    private static double error(dev.reelrank.testbed.room.RoomClip clip) {
        List<RgbImage> views = new Reprojection(Rooms.truth(clip), clip.frames()).views();
        double sum = 0;
        for (int i = 0; i < views.size(); i++) {
            sum += Reprojection.meanSquaredError(clip.frames().get(i), views.get(i));
        }
        return sum / views.size();
    }

    @Test
    void shouldShowTheNearestPointAndOfEquallyNearOnesTheFirst() {
        // Pixels of a 2×2 frame: a far point, a near one and one as near, all in the middle.
        float[] points = {0, 0, 4, 0, 0, 2, 0, 0, 2, 5, 5, 1};
        assertThat(scene(points, 2).nearest(AT_ORIGIN)).containsExactly(-1, -1, -1, 1);
    }

    @Test
    void shouldLeaveOutWhatNoCameraSees() {
        float[] points = {0, 0, -1, Float.NaN, 0, 1, -0.75f, 0, 1, 0, 0, 0};
        // The third rounds to pixel (-0, 1), which is inside.
        assertThat(scene(points, 2).nearest(AT_ORIGIN)).containsExactly(-1, -1, 2, -1);
        assertThat(scene(points, 0).nearest(AT_ORIGIN)).containsOnly(-1);
        var view = scene(points, 0).view(AT_ORIGIN);
        assertThat(view.rgb()).containsOnly(0);
    }

    private static Reprojection scene(float[] points, float confidence) {
        float[] confidences = {confidence, confidence, confidence, confidence};
        var scene = new Reconstruction(2, 2, List.of(AT_ORIGIN), new float[4], confidences, points);
        return new Reprojection(scene, List.of(new RgbImage(2, 2, new byte[12])));
    }

    @Test
    void shouldMeasureSquaredDifferencesOfFullScale() {
        var black = new RgbImage(1, 2, new byte[6]);
        var half = new RgbImage(1, 2, new byte[] {-1, -1, -1, 0, 0, 0});
        assertThat(Reprojection.meanSquaredError(black, half)).isEqualTo(0.5);
    }
}
