package dev.reelrank.testbed.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class RoomRendererTest {
    private static final int WIDTH = 40;
    private static final int HEIGHT = 30;
    private static final RoomRenderer RENDERER = new RoomRenderer(WIDTH, HEIGHT, 1);

    @Test
    void shouldFindTheDepthThatTrianglesHave() {
        for (long seed = 1; seed < 9; seed++) {
            RoomScene scene = RoomMaker.scene(seed);
            RoomClip clip = RENDERER.render(scene, 3);
            List<double[][]> triangles = triangles(scene);
            for (int frame = 0; frame < 3; frame++) {
                var camera = clip.cameras().get(frame);
                for (int at = 0; at < WIDTH * HEIGHT; at += 7) {
                    double x = (at % WIDTH - WIDTH / 2.0) / camera.focal();
                    double y = (at / WIDTH - HEIGHT / 2.0) / camera.focal();
                    assertThat((double) clip.depths().get(frame)[at])
                            .as("seed %d frame %d pixel %d", seed, frame, at)
                            .isEqualTo(nearest(triangles, camera, x, y), within(2e-6));
                }
            }
        }
    }

    /** A plain reference: every surface as triangles in the camera's axes, each ray through all. */
    private static double nearest(
            List<double[][]> triangles, RoomCamera camera, double x, double y) {
        double nearest = Double.POSITIVE_INFINITY;
        for (double[][] t : triangles) {
            double[] a = seen(camera, t[0]);
            double[] e = minus(seen(camera, t[1]), a);
            double[] f = minus(seen(camera, t[2]), a);
            double[] ray = {x, y, 1};
            double[] p = cross(ray, f);
            double det = dot(e, p);
            double[] s = {-a[0], -a[1], -a[2]};
            double u = dot(s, p) / det;
            double[] q = cross(s, e);
            double v = dot(ray, q) / det;
            double distance = dot(f, q) / det;
            if (u > -1e-12 && v > -1e-12 && u + v < 1 + 1e-12 && distance > 0) {
                nearest = Math.min(nearest, distance);
            }
        }
        return nearest;
    }

    private static List<double[][]> triangles(RoomScene scene) {
        List<double[][]> all = new ArrayList<>();
        double[] h = scene.half();
        box(all, 0, 0, 0, h[0], h[1], h[2], 0);
        for (Block block : scene.blocks()) {
            box(
                    all,
                    block.x(),
                    h[1] - block.height() / 2,
                    block.z(),
                    block.halfWidth(),
                    block.height() / 2,
                    block.halfLength(),
                    block.yaw());
        }
        return all;
    }

    private static void box(
            List<double[][]> to,
            double x,
            double y,
            double z,
            double halfX,
            double halfY,
            double halfZ,
            double yaw) {
        double[][] corners = new double[8][];
        for (int i = 0; i < 8; i++) {
            double cx = (i & 1) == 0 ? -halfX : halfX;
            double cy = (i & 2) == 0 ? -halfY : halfY;
            double cz = (i & 4) == 0 ? -halfZ : halfZ;
            corners[i] =
                    new double[] {
                        x + Math.cos(yaw) * cx + Math.sin(yaw) * cz,
                        y + cy,
                        z - Math.sin(yaw) * cx + Math.cos(yaw) * cz
                    };
        }
        int[][] sides = {
            {0, 1, 3, 2}, {4, 5, 7, 6}, {0, 2, 6, 4}, {1, 3, 7, 5}, {0, 1, 5, 4}, {2, 3, 7, 6}
        };
        for (int[] s : sides) {
            to.add(new double[][] {corners[s[0]], corners[s[1]], corners[s[2]]});
            to.add(new double[][] {corners[s[0]], corners[s[2]], corners[s[3]]});
        }
    }

    private static double[] seen(RoomCamera camera, double[] p) {
        double[] r = camera.rotation();
        double[] seen = new double[3];
        for (int i = 0; i < 3; i++) {
            seen[i] =
                    r[3 * i] * p[0]
                            + r[3 * i + 1] * p[1]
                            + r[3 * i + 2] * p[2]
                            + camera.translation()[i];
        }
        return seen;
    }

    private static double[] minus(double[] a, double[] b) {
        return new double[] {a[0] - b[0], a[1] - b[1], a[2] - b[2]};
    }

    private static double[] cross(double[] a, double[] b) {
        return new double[] {
            a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]
        };
    }

    private static double dot(double[] a, double[] b) {
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
    }

    @Test
    void shouldDrawTheSameRoomFromTheSameSeed() {
        var first = RENDERER.render(RoomMaker.scene(4), 2);
        var second = RENDERER.render(RoomMaker.scene(4), 2);
        for (int i = 0; i < 2; i++) {
            assertThat(first.frames().get(i).rgb()).isEqualTo(second.frames().get(i).rgb());
            assertThat(first.depths().get(i)).isEqualTo(second.depths().get(i));
        }
        assertThat(RENDERER.render(RoomMaker.scene(5), 2).frames().get(0).rgb())
                .isNotEqualTo(first.frames().get(0).rgb());
    }

    @ParameterizedTest
    @EnumSource(RoomFault.class)
    void shouldShowEveryFaultWithinTheClip(RoomFault fault) {
        RoomScene scene = RoomMaker.scene(6);
        RoomClip clean = RENDERER.render(scene, 5);
        RoomClip faulty = RENDERER.render(scene, 5, fault, 1);
        // All begin with the same picture, or nearly, and end with another.
        assertThat(difference(clean.frames().get(0), faulty.frames().get(0))).isLessThan(1);
        assertThat(difference(clean.frames().get(4), faulty.frames().get(4))).isGreaterThan(3);
        RoomClip none = RENDERER.render(scene, 5, fault, 0);
        if (fault != RoomFault.FROZEN) {
            assertThat(difference(clean.frames().get(4), none.frames().get(4))).isLessThan(1);
        }
    }

    private static double difference(RgbImage a, RgbImage b) {
        double sum = 0;
        for (int i = 0; i < a.rgb().length; i++) {
            sum += Math.abs((a.rgb()[i] & 0xff) - (b.rgb()[i] & 0xff));
        }
        return sum / a.rgb().length;
    }

    @Test
    void shouldSlideABoxThatIsInThePicture() {
        var renderer = new RoomRenderer(56, 56, 1);
        int shown = 0;
        for (long seed = 70; seed < 125; seed++) {
            RoomScene scene = RoomMaker.scene(seed);
            var empty =
                    new RoomScene(
                            scene.seed(),
                            scene.half(),
                            scene.walls(),
                            List.of(),
                            scene.move(),
                            scene.path(),
                            scene.fieldOfView());
            int boxes = apart(renderer, scene, empty);
            if (boxes > 60) {
                shown++;
                var clean = renderer.render(scene, 5).depths();
                var slides = renderer.render(scene, 5, RoomFault.SLIDING_OBJECT, 1).depths();
                int moved = 0;
                for (int i = 0; i < clean.size(); i++) {
                    moved += changed(clean.get(i), slides.get(i));
                }
                assertThat(moved).as("pixels of room %d", seed).isGreaterThan(100);
            }
        }
        assertThat(shown).isGreaterThan(40);
    }

    private static int apart(RoomRenderer renderer, RoomScene one, RoomScene other) {
        double[] times = {0};
        return changed(
                renderer.render(one, times).depths().get(0),
                renderer.render(other, times).depths().get(0));
    }

    private static int changed(float[] one, float[] other) {
        int changed = 0;
        for (int i = 0; i < one.length; i++) {
            changed += one[i] == other[i] ? 0 : 1;
        }
        return changed;
    }

    @ParameterizedTest
    @EnumSource(RoomMove.class)
    void shouldSayInThePromptHowTheCameraMoves(RoomMove move) {
        long seed = 0;
        while (RoomMaker.scene(seed).move() != move) {
            seed++;
        }
        var scene = RoomMaker.scene(seed);
        assertThat(scene.prompt()).contains("The camera " + move.words());
        var first = RENDERER.render(scene, 2).cameras().get(0);
        var last = RENDERER.render(scene, 2).cameras().get(1);
        assertThat(last.translation()).isNotEqualTo(first.translation());
    }

    @Test
    void shouldRefuseAClipOfOneFrame() {
        assertThatThrownBy(() -> RENDERER.render(RoomMaker.scene(1), 1))
                .hasMessageContaining("at least 2 frames");
    }
}
