package dev.reelrank.geometry.met3r;

/**
 * The points of two views, drawn into the first one's camera. Made by the host alone, so that a
 * thread of its own can do it while the device looks at the next pair.
 *
 * @param one what the pixels show of the first view
 * @param two likewise of the second
 * @param mask 1 where a pixel shows both views, else 0
 * @param covered how many pixels show both
 */
record Clouds(PointSplat one, PointSplat two, float[] mask, int covered) {
    private static final double CERTAIN = 0.999;

    /**
     * Draws both views.
     *
     * @param first points of the first view, x, y, z per pixel
     * @param second points of the second view in the same axes
     * @param sureFirst confidences of the first view, above 1
     * @param sureSecond confidences of the second view
     * @param side of the square picture, pixels
     * @param radius of a point, half widths of the picture
     */
    static Clouds of(
            float[] first,
            float[] second,
            float[] sureFirst,
            float[] sureSecond,
            int side,
            float radius) {
        float[] focal = Focal.of(first, second, sureFirst, sureSecond, side, CERTAIN);
        var one = PointSplat.of(first, focal[0], focal[1], side, radius);
        var two = PointSplat.of(second, focal[0], focal[1], side, radius);
        float[] mask = new float[side * side];
        int covered = 0;
        for (int i = 0; i < mask.length; i++) {
            if (one.covered(i) && two.covered(i)) {
                mask[i] = 1;
                covered++;
            }
        }
        return new Clouds(one, two, mask, covered);
    }
}
