package dev.reelrank.geometry.epipolar;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/** The inside of a box with noise on its walls, seen by a pinhole camera. */
final class Room {
    private static final double[] HALF = {2, 1.5, 4};

    /**
     * Where the camera is, how far it has turned to the right, and how far the walls' texture
     * swims.
     */
    record View(double x, double y, double z, double yaw, double swim) {}

    private Room() {}

    static List<RgbImage> clip(int frames, int width, int height, IntFunction<View> path) {
        var clip = new ArrayList<RgbImage>();
        for (int i = 0; i < frames; i++) {
            clip.add(frame(width, height, path.apply(i)));
        }
        return clip;
    }

    private static RgbImage frame(int width, int height, View view) {
        byte[] rgb = new byte[width * height * 3];
        double focal = 0.8 * Math.max(width, height);
        for (int v = 0; v < height; v++) {
            for (int u = 0; u < width; u++) {
                double dx = (u + 0.5 - width / 2.0) / focal;
                double dy = (v + 0.5 - height / 2.0) / focal;
                double rx = Math.cos(view.yaw()) * dx + Math.sin(view.yaw());
                double rz = Math.cos(view.yaw()) - Math.sin(view.yaw()) * dx;
                byte value = (byte) colour(view, new double[] {rx, dy, rz});
                int at = (v * width + u) * 3;
                rgb[at] = value;
                rgb[at + 1] = value;
                rgb[at + 2] = value;
            }
        }
        return new RgbImage(width, height, rgb);
    }

    private static int colour(View view, double[] ray) {
        double[] from = {view.x(), view.y(), view.z()};
        int wall = 0;
        double nearest = Double.MAX_VALUE;
        for (int axis = 0; axis < 3; axis++) {
            double side = ray[axis] > 0 ? HALF[axis] : -HALF[axis];
            double distance = ray[axis] == 0 ? Double.MAX_VALUE : (side - from[axis]) / ray[axis];
            if (distance < nearest) {
                nearest = distance;
                wall = axis;
            }
        }
        double a = from[(wall + 1) % 3] + nearest * ray[(wall + 1) % 3];
        double b = from[(wall + 2) % 3] + nearest * ray[(wall + 2) % 3];
        // A wave that travels: neighbouring parts of a wall move apart and together again.
        a += 0.05 * Math.sin(3 * b + view.swim()) * Math.min(1, view.swim());
        b += 0.05 * Math.sin(3 * a + 2 * view.swim()) * Math.min(1, view.swim());
        double value = 0;
        double weight = 0.5;
        double scale = 2;
        for (int octave = 0; octave < 4; octave++) {
            value += weight * noise(a * scale, b * scale, wall + 10 * octave);
            weight /= 1.6;
            scale *= 2;
        }
        return (int) Math.max(0, Math.min(255, 255 * value / 1.1));
    }

    private static double noise(double x, double y, int seed) {
        int i = (int) Math.floor(x);
        int j = (int) Math.floor(y);
        double u = smooth(x - i);
        double v = smooth(y - j);
        double top = hash(i, j, seed) * (1 - u) + hash(i + 1, j, seed) * u;
        double bottom = hash(i, j + 1, seed) * (1 - u) + hash(i + 1, j + 1, seed) * u;
        return top * (1 - v) + bottom * v;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    private static double hash(int i, int j, int seed) {
        long h = i * 73856093L ^ j * 19349663L ^ seed * 83492791L;
        h = (h ^ h >>> 17) * 0x9E3779B97F4A7C15L;
        h ^= h >>> 29;
        return (h & 0xffff) / 65535.0;
    }
}
