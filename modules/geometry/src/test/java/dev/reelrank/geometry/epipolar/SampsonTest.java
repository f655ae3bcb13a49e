package dev.reelrank.geometry.epipolar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.video.HeadlessOpenCv;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.opencv.global.opencv_calib3d;
import org.bytedeco.opencv.global.opencv_core;
import org.bytedeco.opencv.opencv_core.Mat;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class SampsonTest {
    /** Of a camera that moves by (1, 0, 0) with the focal length 1: epipolar lines are rows. */
    private static final double[] SIDEWAYS = {0, 0, 0, 0, 0, -1, 0, 1, 0};

    @BeforeAll
    static void prepare() {
        HeadlessOpenCv.prepare();
    }

    @Test
    void shouldBeZeroForPointsOfARigidScene() {
        // A point at depth 4 and one at depth 2, seen before and after the camera moved.
        assertThat(Sampson.distance(SIDEWAYS, 0.5, 0.25, 0.25, 0.25)).isZero();
        assertThat(Sampson.distance(SIDEWAYS, -1, 0.75, -1.5, 0.75)).isZero();
    }

    @Test
    void shouldShareTheErrorBetweenBothViews() {
        // One row apart: each point has to move by half, so the distance is 1/√2.
        assertThat(Sampson.distance(SIDEWAYS, 0, 0, 3, 1)).isEqualTo(Math.sqrt(0.5), within(1e-12));
    }

    @Test
    void shouldBeZeroBetweenTheEpipoles() {
        assertThat(Sampson.distance(new double[9], 1, 2, 3, 4)).isZero();
    }

    @Test
    void shouldBeTheRootOfOpenCvsDistance() {
        var random = new java.util.Random(7);
        for (int i = 0; i < 200; i++) {
            double[] f = random.doubles(9, -1, 1).toArray();
            double[] p = random.doubles(4, -300, 300).toArray();
            double expected;
            try (var matrix = mat(f, 3, 3);
                    var first = mat(new double[] {p[0], p[1], 1}, 3, 1);
                    var second = mat(new double[] {p[2], p[3], 1}, 3, 1)) {
                expected = Math.sqrt(opencv_calib3d.sampsonDistance(first, second, matrix));
            }
            assertThat(Sampson.distance(f, p[0], p[1], p[2], p[3]))
                    .isCloseTo(expected, within(1e-9 * (1 + expected)));
        }
    }

    private static Mat mat(double[] values, int rows, int columns) {
        try (var data = new DoublePointer(values);
                var view = new Mat(rows, columns, opencv_core.CV_64F, data)) {
            return view.clone();
        }
    }
}
