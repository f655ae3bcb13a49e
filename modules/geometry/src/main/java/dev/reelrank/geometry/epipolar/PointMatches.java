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
        double[] lengths = new double[size()];
        for (int i = 0; i < lengths.length; i++) {
            lengths[i] = way(i);
        }
        Arrays.sort(lengths);
        return lengths.length == 0 ? 0 : lengths[lengths.length / 2];
    }

    /** How far two matches are apart in the first frame, pixels. */
    double apart(int one, int other) {
        int a = one * PER_MATCH;
        int b = other * PER_MATCH;
        return Math.hypot(values[a] - values[b], values[a + 1] - values[b + 1]);
    }

    /** How far a match moves, pixels. */
    double way(int match) {
        int at = match * PER_MATCH;
        return Math.hypot(values[at + 2] - values[at], values[at + 3] - values[at + 1]);
    }
}
