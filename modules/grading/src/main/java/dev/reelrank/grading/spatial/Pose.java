package dev.reelrank.grading.spatial;

/**
 * Where a thing stands, seen from where it stood in the first picture.
 *
 * @param x how far it went to the right, in widths of the picture
 * @param y how far it went down, in heights of the picture
 * @param turn how far it turned clockwise, radians
 * @param growth logarithm of its size against the first, 0 for the same size
 */
public record Pose(double x, double y, double turn, double growth) {
    /** As in the first picture. */
    public static final Pose START = new Pose(0, 0, 0, 0);

    /** Rounds of leaving out what does not go along. */
    private static final int ROUNDS = 3;

    /** A point that is further off than this many medians does not go along. */
    private static final double OUTLIER = 2.5;

    /**
     * The pose that carries points where they went: the similarity transform of least squares, z' =
     * a·z + b over complex numbers around the centre, a = Σ conj(z)·z' / Σ |z|², turn = arg a,
     * growth = ln |a|; fitted again without the points that it leaves far off.
     *
     * @param from x and y of each point in the first picture, pixels, shape (n, 2)
     * @param to where each is now; NaN for a point that left the picture
     * @param width of the picture, pixels
     * @param height of the picture, pixels
     * @param before the pose in the picture before: turns go on from there beyond half a turn
     * @return {@code before} when fewer than three points are left
     */
    public static Pose between(float[] from, float[] to, int width, int height, Pose before) {
        int n = from.length / 2;
        boolean[] counts = new boolean[n];
        for (int i = 0; i < n; i++) {
            counts[i] = !Float.isNaN(to[2 * i]);
        }
        Fit fit = Fit.of(from, to, counts);
        for (int round = 0; round < ROUNDS && fit.points >= 3; round++) {
            double[] off = fit.residuals(from, to, counts);
            double[] sorted =
                    java.util.stream.IntStream.range(0, n)
                            .filter(i -> counts[i])
                            .mapToDouble(i -> off[i])
                            .sorted()
                            .toArray();
            // Half a pixel is as exact as flow can be.
            double most = Math.max(0.5, OUTLIER * sorted[sorted.length / 2]);
            for (int i = 0; i < n; i++) {
                counts[i] = counts[i] && off[i] <= most;
            }
            fit = Fit.of(from, to, counts);
        }
        if (fit.points < 3) {
            return before;
        }
        double turn = Math.atan2(fit.im, fit.re);
        turn += 2 * Math.PI * Math.rint((before.turn - turn) / (2 * Math.PI));
        return new Pose(
                (fit.toX - fit.fromX) / width,
                (fit.toY - fit.fromY) / height,
                turn,
                Math.log(Math.max(1e-3, Math.hypot(fit.re, fit.im))));
    }

    /** A similarity transform: a = re + i·im around the two centres. */
    private record Fit(
            int points, double fromX, double fromY, double toX, double toY, double re, double im) {
        static Fit of(float[] from, float[] to, boolean[] counts) {
            int points = 0;
            double fx = 0;
            double fy = 0;
            double tx = 0;
            double ty = 0;
            for (int i = 0; i < counts.length; i++) {
                if (counts[i]) {
                    points++;
                    fx += from[2 * i];
                    fy += from[2 * i + 1];
                    tx += to[2 * i];
                    ty += to[2 * i + 1];
                }
            }
            if (points == 0) {
                return new Fit(0, 0, 0, 0, 0, 1, 0);
            }
            fx /= points;
            fy /= points;
            tx /= points;
            ty /= points;
            double re = 0;
            double im = 0;
            double spread = 0;
            for (int i = 0; i < counts.length; i++) {
                if (counts[i]) {
                    double x = from[2 * i] - fx;
                    double y = from[2 * i + 1] - fy;
                    double u = to[2 * i] - tx;
                    double v = to[2 * i + 1] - ty;
                    re += x * u + y * v;
                    im += x * v - y * u;
                    spread += x * x + y * y;
                }
            }
            return spread == 0
                    ? new Fit(points, fx, fy, tx, ty, 1, 0)
                    : new Fit(points, fx, fy, tx, ty, re / spread, im / spread);
        }

        double[] residuals(float[] from, float[] to, boolean[] counts) {
            double[] off = new double[counts.length];
            for (int i = 0; i < counts.length; i++) {
                if (counts[i]) {
                    double x = from[2 * i] - fromX;
                    double y = from[2 * i + 1] - fromY;
                    off[i] =
                            Math.hypot(
                                    toX + re * x - im * y - to[2 * i],
                                    toY + im * x + re * y - to[2 * i + 1]);
                }
            }
            return off;
        }
    }
}
