package dev.reelrank.geometry.epipolar;

import java.util.Arrays;

/**
 * Points of one frame and where they are in another, four values per match: x and y in the first
 * frame, x and y in the second, in pixels.
 */
record PointMatches(double[] values) {
    static final int PER_MATCH = 4;

    int size() {
        return values.length / PER_MATCH;
    }

    /** The median length of the displacements, pixels; 0 without matches. */
    double displacement() {
        double[] lengths = ways(0, 0, 0);
        Arrays.sort(lengths);
        return lengths.length == 0 ? 0 : lengths[lengths.length / 2];
    }

    /** How far two matches are apart in the first frame, pixels. */
    double apart(int one, int other) {
        int a = one * PER_MATCH;
        int b = other * PER_MATCH;
        return Math.hypot(values[a] - values[b], values[a + 1] - values[b + 1]);
    }

    /**
     * How far each match moves if the first frame is turned around its middle, pixels.
     *
     * @param width of the frame, pixels
     * @param height of the frame, pixels
     * @param angle radians
     */
    double[] ways(int width, int height, double angle) {
        double cos = Math.cos(angle);
        double sin = Math.sin(angle);
        double[] ways = new double[size()];
        for (int i = 0; i < ways.length; i++) {
            int at = i * PER_MATCH;
            double x = values[at] - width / 2.0;
            double y = values[at + 1] - height / 2.0;
            ways[i] =
                    Math.hypot(
                            values[at + 2] - width / 2.0 - (cos * x - sin * y),
                            values[at + 3] - height / 2.0 - (sin * x + cos * y));
        }
        return ways;
    }
}
