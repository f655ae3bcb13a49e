package dev.reelrank.geometry.met3r;

import java.util.Arrays;

/**
 * The focal lengths that MEt3R draws with: per pixel the points of both views at that pixel,
 * weighed by confidence, vote {@code u z / x} and {@code v z / y}; the median of either axis
 * counts.
 */
final class Focal {
    private Focal() {}

    /**
     * Both focal lengths.
     *
     * @param first points of the first view, x, y, z per pixel
     * @param second points of the second view in the same axes
     * @param sureFirst confidences of the first view, above 1
     * @param sureSecond confidences of the second view
     * @param side of the square picture, pixels
     * @param certain what is subtracted from a confidence
     * @return in half widths of the picture per unit of x / z and y / z: MEt3R takes {@code 1 + f /
     *     width}, which is the focal length in those units only where f is the width
     */
    static float[] of(
            float[] first,
            float[] second,
            float[] sureFirst,
            float[] sureSecond,
            int side,
            double certain) {
        float[] across = new float[side * side];
        float[] down = new float[side * side];
        for (int i = 0; i < across.length; i++) {
            float a = (float) (sureFirst[i] - certain);
            float b = (float) (sureSecond[i] - certain);
            float x = (a * first[3 * i] + b * second[3 * i]) / (a + b);
            float y = (a * first[3 * i + 1] + b * second[3 * i + 1]) / (a + b);
            float z = (a * first[3 * i + 2] + b * second[3 * i + 2]) / (a + b);
            int column = i % side;
            int row = i / side;
            across[i] = (column - side / 2f) * z / x;
            down[i] = (row - side / 2f) * z / y;
        }
        return new float[] {1 + median(across) / side, 1 + median(down) / side};
    }

    /** The lower one of two in the middle; what is not a number does not count. */
    private static float median(float[] votes) {
        float[] sorted = votes.clone();
        // NaN comes last.
        Arrays.sort(sorted);
        int count = sorted.length;
        while (count > 0 && Float.isNaN(sorted[count - 1])) {
            count--;
        }
        return count == 0 ? Float.NaN : sorted[(count - 1) / 2];
    }
}
