package dev.reelrank.bench.align.result;

import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.testbed.room.RoomCamera;
import dev.reelrank.testbed.room.RoomClip;
import dev.reelrank.testbed.room.RoomRenderer;
import dev.reelrank.testbed.room.RoomScene;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A room as it truly looks along the way that the prompt asks for, to compare a generated clip
 * with.
 *
 * <p>A pixel of a true view counts if the first frame shows the same place: its point, by the true
 * depth, falls into the first frame by the true cameras, and is as far away as what is seen there
 * (5 %). Nobody can know the others.
 *
 * <p>A prompt does not say how fast the camera is to the centimetre, so a frame at the share {@code
 * s} of the clip is compared with the true views from 0.6 to 1.25 times {@code s} along the way,
 * and the nearest counts.
 */
final class RoomTruth {
    private static final int SAMPLES = 2;

    /** True views per way of the camera. */
    private static final int VIEWS = 32;

    private static final double FARTHEST = 1.25;
    private static final double SLOWEST = 0.6;
    private static final double NEAR = 0.05;

    private final List<RgbImage> views;
    private final boolean[][] known;

    RoomTruth(RoomScene scene) {
        int count = (int) (VIEWS * FARTHEST) + 1;
        RoomClip clip =
                renderer()
                        .render(
                                scene,
                                IntStream.range(0, count)
                                        .mapToDouble(i -> (double) i / VIEWS)
                                        .toArray());
        views = clip.frames();
        known = IntStream.range(0, count).mapToObj(i -> known(clip, i)).toArray(boolean[][]::new);
    }

    private static RoomRenderer renderer() {
        return new RoomRenderer(Sample.SIDE, Sample.SIDE, SAMPLES);
    }

    /** The frame that the generator is given. */
    static RgbImage first(RoomScene scene) {
        return renderer().render(scene, new double[] {0}).frames().get(0);
    }

    /** The frame that the generator is given. */
    RgbImage first() {
        return views.get(0);
    }

    /**
     * Mean squared error of the clip's frames beside the nearest true views at about their time,
     * values 0..1; the first frame does not count. Lower is better.
     */
    double error(List<RgbImage> clip) {
        double sum = 0;
        for (int k = 1; k < clip.size(); k++) {
            double at = VIEWS * (double) k / (clip.size() - 1);
            double best = Double.POSITIVE_INFINITY;
            int last = (int) Math.min(views.size() - 1, Math.ceil(FARTHEST * at));
            for (int view = (int) Math.floor(SLOWEST * at); view <= last; view++) {
                best = Math.min(best, error(clip.get(k), view));
            }
            sum += best;
        }
        return sum / (clip.size() - 1);
    }

    /** How far along the way the last frame is: where it resembles the truth most, 0..1.25. */
    double reached(List<RgbImage> clip) {
        RgbImage end = clip.get(clip.size() - 1);
        int best = 0;
        double least = Double.POSITIVE_INFINITY;
        for (int view = 0; view < views.size(); view++) {
            double error = error(end, view);
            if (error < least) {
                least = error;
                best = view;
            }
        }
        return (double) best / VIEWS;
    }

    private double error(RgbImage frame, int view) {
        byte[] made = frame.rgb();
        byte[] truth = views.get(view).rgb();
        boolean[] counts = known[view];
        long sum = 0;
        long count = 0;
        for (int pixel = 0; pixel < counts.length; pixel++) {
            if (counts[pixel]) {
                for (int c = 3 * pixel; c < 3 * pixel + 3; c++) {
                    int difference = (made[c] & 0xff) - (truth[c] & 0xff);
                    sum += (long) difference * difference;
                }
                count += 3;
            }
        }
        return count == 0 ? 1 : sum / (255.0 * 255.0 * count);
    }

    private static boolean[] known(RoomClip clip, int view) {
        int side = Sample.SIDE;
        RoomCamera here = clip.cameras().get(view);
        RoomCamera first = clip.cameras().get(0);
        float[] depth = clip.depths().get(view);
        float[] seen = clip.depths().get(0);
        boolean[] known = new boolean[side * side];
        double[] camera = new double[3];
        double[] world = new double[3];
        for (int v = 0; v < side; v++) {
            for (int u = 0; u < side; u++) {
                double z = depth[v * side + u];
                camera[0] = (u - side / 2.0) / here.focal() * z - here.translation()[0];
                camera[1] = (v - side / 2.0) / here.focal() * z - here.translation()[1];
                camera[2] = z - here.translation()[2];
                for (int i = 0; i < 3; i++) {
                    double[] r = here.rotation();
                    world[i] = r[i] * camera[0] + r[3 + i] * camera[1] + r[6 + i] * camera[2];
                }
                double x = along(first, 0, world);
                double y = along(first, 1, world);
                double far = along(first, 2, world);
                long column = Math.round(x / far * first.focal() + side / 2.0);
                long row = Math.round(y / far * first.focal() + side / 2.0);
                known[v * side + u] =
                        far > 0
                                && column >= 0
                                && column < side
                                && row >= 0
                                && row < side
                                && Math.abs(seen[(int) (row * side + column)] - far) < NEAR * far;
            }
        }
        return known;
    }

    private static double along(RoomCamera camera, int axis, double[] world) {
        double[] r = camera.rotation();
        return r[3 * axis] * world[0]
                + r[3 * axis + 1] * world[1]
                + r[3 * axis + 2] * world[2]
                + camera.translation()[axis];
    }
}
