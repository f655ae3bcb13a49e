package dev.reelrank.bench.geometry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.geometry.scene.Camera;
import dev.reelrank.geometry.scene.Reconstruction;
import dev.reelrank.testbed.room.RoomCamera;
import dev.reelrank.testbed.room.RoomClip;
import dev.reelrank.testbed.room.RoomMaker;
import dev.reelrank.testbed.room.RoomRenderer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VggtTruthTest {
    private static final int SIDE = 24;
    private static final int FRAMES = 4;

    private static final RoomClip CLIP =
            new RoomRenderer(SIDE, SIDE, 1).render(RoomMaker.scene(5), FRAMES);

    /** The truth in the first camera's axes, with an error of each kind. */
    private static Reconstruction found(double degrees, double depthFactor) {
        double[] first = CLIP.cameras().get(0).rotation();
        double[] start = CLIP.cameras().get(0).translation();
        double distance = 0;
        List<double[]> turns = new ArrayList<>();
        float[] depth = new float[FRAMES * SIDE * SIDE];
        for (int f = 0; f < FRAMES; f++) {
            RoomCamera camera = CLIP.cameras().get(f);
            turns.add(times(camera.rotation(), transposed(first)));
            for (int at = 0; at < SIDE * SIDE; at++) {
                double z = CLIP.depths().get(f)[at];
                int row = at / SIDE;
                depth[f * SIDE * SIDE + at] = (float) z;
                double[] seen = {
                    (at % SIDE - SIDE / 2.0) / camera.focal() * z - camera.translation()[0],
                    (row - SIDE / 2.0) / camera.focal() * z - camera.translation()[1],
                    z - camera.translation()[2]
                };
                // Into the room, and from there into the first camera.
                double[] there = turned(first, turned(transposed(camera.rotation()), seen));
                distance +=
                        Math.sqrt(
                                square(there[0] + start[0])
                                        + square(there[1] + start[1])
                                        + square(there[2] + start[2]));
            }
        }
        double unit = distance / depth.length;
        for (int i = 0; i < depth.length; i++) {
            depth[i] *= (float) (depthFactor / unit);
        }
        double a = Math.toRadians(degrees);
        double[] wrong = {1, 0, 0, 0, Math.cos(a), -Math.sin(a), 0, Math.sin(a), Math.cos(a)};
        List<Camera> cameras =
                turns.stream()
                        .map(
                                t ->
                                        new Camera(
                                                times(wrong, t),
                                                new double[3],
                                                20,
                                                20,
                                                SIDE / 2.0,
                                                SIDE / 2.0))
                        .toList();
        return new Reconstruction(
                SIDE, SIDE, cameras, depth, depth.clone(), new float[3 * depth.length]);
    }

    private static double square(double value) {
        return value * value;
    }

    private static double[] transposed(double[] m) {
        return new double[] {m[0], m[3], m[6], m[1], m[4], m[7], m[2], m[5], m[8]};
    }

    private static double[] turned(double[] m, double[] v) {
        double[] to = new double[3];
        for (int i = 0; i < 3; i++) {
            to[i] = m[3 * i] * v[0] + m[3 * i + 1] * v[1] + m[3 * i + 2] * v[2];
        }
        return to;
    }

    private static double[] times(double[] a, double[] b) {
        double[] to = new double[9];
        for (int i = 0; i < 9; i++) {
            for (int k = 0; k < 3; k++) {
                to[i] += a[i / 3 * 3 + k] * b[3 * k + i % 3];
            }
        }
        return to;
    }

    @Test
    void shouldFindNoErrorInTheTruth() {
        var errors = VggtTruth.errors("roll", CLIP, found(0, 1));
        assertThat(errors.degrees()).isLessThan(1e-5);
        assertThat(errors.depth()).isLessThan(1e-6);
        assertThat(errors.scaled()).isLessThan(1e-6);
    }

    @Test
    void shouldMeasureTurnsInDegreesAndDepthsInShares() {
        var errors = VggtTruth.errors("roll", CLIP, found(4, 1.06));
        assertThat(errors.degrees()).isCloseTo(4, within(1e-6));
        assertThat(errors.depth()).isCloseTo(0.06, within(1e-6));
        assertThat(errors.scaled()).isLessThan(1e-6);
        var figures = VggtTruth.Figures.of("validation", List.of(errors));
        assertThat(figures.rotationByMove()).containsKey("roll");
        assertThat(figures.missed())
                .containsExactly(
                        "cameras are 4.0° off, not within 3°",
                        "depths are 6.0 % off, not under 5 %");
    }

    @Test
    void shouldMissTheTargetsIfTheModelFindsNoNumbers() {
        var errors = VggtTruth.errors("roll", CLIP, found(Double.NaN, Double.NaN));
        assertThat(VggtTruth.Figures.of("test", List.of(errors)).missed()).hasSize(2);
    }
}
