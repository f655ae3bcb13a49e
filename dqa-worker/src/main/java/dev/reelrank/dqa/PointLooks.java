package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import java.util.Arrays;
import java.util.List;

/**
 * How the points of a thing look while they are followed: a point of a solid thing keeps its colour
 * and the pattern around it wherever it goes.
 *
 * @param colourChange the largest over time of the points' median distance from their first colour,
 *     Euclidean over red, green and blue, 0..1.73
 * @param detailKept the smallest over time of how much contrast is left around the points, against
 *     the first frame; 1 for as much as there was
 */
record PointLooks(double colourChange, double detailKept) {
    /** Times that are looked at, the last frame among them. */
    private static final int TIMES = 4;

    /** A window's side, in sides of the picture. */
    private static final int WINDOWS = 18;

    /**
     * Looks at points.
     *
     * @param frames of the video
     * @param at index of the frame of each entry of {@code places}, ascending, the first 0
     * @param places x and y of every point, pixels; NaN for one that left the picture
     * @param side of the picture, pixels
     */
    static PointLooks of(List<RgbImage> frames, List<Integer> at, List<float[]> places, int side) {
        RgbImage first = frames.get(0);
        float[] start = places.get(0);
        int reach = Math.max(1, side / WINDOWS / 2);
        double before = contrast(first, start, start, reach);
        double colour = 0;
        double kept = 1;
        for (int time = 1; time <= TIMES; time++) {
            int k = time * (places.size() - 1) / TIMES;
            if (k == 0) {
                continue;
            }
            RgbImage frame = frames.get(at.get(k));
            float[] now = places.get(k);
            colour = Math.max(colour, change(first, start, frame, now));
            if (before > 0) {
                // Against the contrast that the same points had: those that left count nowhere.
                double then = contrast(first, start, now, reach);
                kept = Math.min(kept, then <= 0 ? 1 : contrast(frame, now, now, reach) / then);
            }
        }
        return new PointLooks(colour, kept);
    }

    private static double change(RgbImage first, float[] start, RgbImage frame, float[] now) {
        double[] changes = new double[now.length / 2];
        int n = 0;
        for (int i = 0; i < changes.length; i++) {
            if (!Float.isNaN(now[2 * i])) {
                double sum = 0;
                for (int c = 0; c < 3; c++) {
                    double d =
                            mean(first, start[2 * i], start[2 * i + 1], c)
                                    - mean(frame, now[2 * i], now[2 * i + 1], c);
                    sum += d * d;
                }
                changes[n++] = Math.sqrt(sum) / 255;
            }
        }
        if (n == 0) {
            return 0;
        }
        Arrays.sort(changes, 0, n);
        return changes[n / 2];
    }

    /** Mean of three by three pixels. */
    private static double mean(RgbImage image, float x, float y, int channel) {
        double sum = 0;
        for (int v = -1; v <= 1; v++) {
            for (int u = -1; u <= 1; u++) {
                sum += value(image, Math.round(x) + u, Math.round(y) + v, channel);
            }
        }
        return sum / 9;
    }

    /**
     * Mean standard deviation of brightness in the windows around points.
     *
     * @param counted points of which this has NaN are left out
     */
    private static double contrast(RgbImage image, float[] points, float[] counted, int reach) {
        double sum = 0;
        int n = 0;
        for (int i = 0; i < points.length; i += 2) {
            if (!Float.isNaN(counted[i]) && !Float.isNaN(points[i])) {
                sum += deviation(image, points[i], points[i + 1], reach);
                n++;
            }
        }
        return n == 0 ? 0 : sum / n;
    }

    private static double deviation(RgbImage image, float x, float y, int reach) {
        double sum = 0;
        double squares = 0;
        int n = 0;
        for (int v = -reach; v <= reach; v++) {
            for (int u = -reach; u <= reach; u++) {
                int px = Math.round(x) + u;
                int py = Math.round(y) + v;
                double grey =
                        (value(image, px, py, 0)
                                        + value(image, px, py, 1)
                                        + value(image, px, py, 2))
                                / 3.0;
                sum += grey;
                squares += grey * grey;
                n++;
            }
        }
        return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }

    private static int value(RgbImage image, int x, int y, int channel) {
        int px = Math.min(image.width() - 1, Math.max(0, x));
        int py = Math.min(image.height() - 1, Math.max(0, y));
        return image.rgb()[(py * image.width() + px) * 3 + channel] & 0xff;
    }
}
