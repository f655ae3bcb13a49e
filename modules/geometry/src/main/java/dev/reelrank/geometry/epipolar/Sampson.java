package dev.reelrank.geometry.epipolar;

/**
 * The Sampson distance of a match from the epipolar geometry of its two views (Hartley and
 * Zisserman, "Multiple View Geometry", equation 11.9): the first-order approximation of how far the
 * two points must move so that x'ᵀ F x = 0.
 */
final class Sampson {
    private Sampson() {}

    /**
     * How far a pair of points is from the epipolar geometry, to first order.
     *
     * @param f fundamental matrix, nine values row by row
     * @param x1 point in the first view, pixels
     * @param y1 point in the first view, pixels
     * @param x2 the same point of the scene in the second view, pixels
     * @param y2 the same point of the scene in the second view, pixels
     * @return pixels, at least 0; 0 where both points lie in the epipoles
     */
    static double distance(double[] f, double x1, double y1, double x2, double y2) {
        double a = f[0] * x1 + f[1] * y1 + f[2];
        double b = f[3] * x1 + f[4] * y1 + f[5];
        double c = f[6] * x1 + f[7] * y1 + f[8];
        double d = f[0] * x2 + f[3] * y2 + f[6];
        double e = f[1] * x2 + f[4] * y2 + f[7];
        double residual = x2 * a + y2 * b + c;
        double slope = a * a + b * b + d * d + e * e;
        return slope == 0 ? 0 : Math.abs(residual) / Math.sqrt(slope);
    }
}
