package dev.reelrank.geometry.met3r;

import java.util.Arrays;

/**
 * Which points a pixel shows: those whose disc covers its centre, the nearest first, at most
 * {@value #MOST}, each with the opacity {@code 1 − d² / r²} (PyTorch3D's point rasteriser and alpha
 * compositor). Lengths are those of normalised device coordinates: the picture is two wide.
 *
 * @param index per pixel {@value #MOST} points, −1 where there are fewer
 * @param weight what each adds to the pixel: its opacity times what those before it let through
 */
record PointSplat(int[] index, float[] weight) {
    /** Points that a pixel mixes. */
    static final int MOST = 10;

    /**
     * Draws points into a square picture.
     *
     * @param points x, y, z of each in the camera's axes (x to the right, y down, z ahead)
     * @param focalX half widths of the picture per unit of x / z
     * @param focalY like focalX
     * @param side of the picture, pixels
     * @param radius of a point, half widths of the picture
     */
    static PointSplat of(float[] points, float focalX, float focalY, int side, float radius) {
        int pixels = side * side;
        int[] index = new int[pixels * MOST];
        float[] depth = new float[pixels * MOST];
        float[] away = new float[pixels * MOST];
        Arrays.fill(index, -1);
        Arrays.fill(depth, Float.POSITIVE_INFINITY);
        for (int p = 0; p < points.length / 3; p++) {
            float z = points[3 * p + 2];
            float x = focalX * points[3 * p] / z;
            float y = focalY * points[3 * p + 1] / z;
            if (!(z >= 0) || !Float.isFinite(x) || !Float.isFinite(y)) {
                continue;
            }
            int left = first(x - radius, side);
            int right = last(x + radius, side);
            int bottom = last(y + radius, side);
            for (int row = first(y - radius, side); row <= bottom; row++) {
                for (int column = left; column <= right; column++) {
                    float dx = centre(column, side) - x;
                    float dy = centre(row, side) - y;
                    float squared = dx * dx + dy * dy;
                    if (squared < radius * radius) {
                        keep(index, depth, away, (row * side + column) * MOST, p, z, squared);
                    }
                }
            }
        }
        return new PointSplat(index, weights(index, away, radius));
    }

    /** The least pixel whose centre may lie right of a place, one to be safe. */
    private static int first(float at, int side) {
        return (int) Math.max(0, Math.floor((at + 1) / 2 * side - 1.5));
    }

    private static int last(float at, int side) {
        return (int) Math.min(side - 1, Math.ceil((at + 1) / 2 * side + 0.5));
    }

    private static float centre(int pixel, int side) {
        return -1 + (2f * pixel + 1) / side;
    }

    /** Of equally near points the first stays in front. */
    private static void keep(
            int[] index, float[] depth, float[] away, int from, int point, float z, float squared) {
        int at = from + MOST - 1;
        if (z >= depth[at]) {
            return;
        }
        while (at > from && z < depth[at - 1]) {
            index[at] = index[at - 1];
            depth[at] = depth[at - 1];
            away[at] = away[at - 1];
            at--;
        }
        index[at] = point;
        depth[at] = z;
        away[at] = squared;
    }

    private static float[] weights(int[] index, float[] away, float radius) {
        float[] weights = new float[index.length];
        for (int from = 0; from < index.length; from += MOST) {
            float through = 1;
            for (int at = from; at < from + MOST && index[at] >= 0; at++) {
                float opacity = 1 - away[at] / (radius * radius);
                weights[at] = through * opacity;
                through *= 1 - opacity;
            }
        }
        return weights;
    }

    /** Whether a pixel shows any point. */
    boolean covered(int pixel) {
        return index[pixel * MOST] >= 0;
    }
}
