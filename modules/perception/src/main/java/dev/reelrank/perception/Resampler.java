package dev.reelrank.perception;

import dev.reelrank.pipeline.RgbImage;
import java.util.Arrays;

/**
 * Antialiased resizing: when it shrinks, the filter is stretched by the factor so that every source
 * pixel counts. The same sums as torchvision's {@code resize} with {@code antialias=True}, which
 * transformers' processors use: horizontally first, weights normalised, edges cut; for bytes in
 * {@linkplain FixedPoint fixed point}.
 */
enum Resampler {
    BILINEAR(1) {
        @Override
        double weight(double x) {
            double d = Math.abs(x);
            return d < 1 ? 1 - d : 0;
        }
    },
    /** Keys' cubic convolution with a = −0.5. */
    BICUBIC(2) {
        @Override
        double weight(double x) {
            double d = Math.abs(x);
            if (d < 1) {
                return (1.5 * d - 2.5) * d * d + 1;
            }
            return d < 2 ? ((-0.5 * d + 2.5) * d - 4) * d + 2 : 0;
        }
    };

    private final double support;

    Resampler(double support) {
        this.support = support;
    }

    abstract double weight(double x);

    /** A part of a resized picture: its place and size in the picture that is not made. */
    record Window(int x, int y, int width, int height) {}

    /**
     * Resizes to {@code width} × {@code height} and cuts a window out of that.
     *
     * @param quantize resize bytes: round to 0..255 after each of the two passes
     * @return shape (3, window height, window width), values 0..255
     */
    float[] resize(RgbImage image, int width, int height, Window window, boolean quantize) {
        var columns = taps(image.width(), width, quantize);
        var rows = taps(image.height(), height, quantize);
        columns = Arrays.copyOfRange(columns, window.x(), window.x() + window.width());
        rows = Arrays.copyOfRange(rows, window.y(), window.y() + window.height());
        int first = rows[0].first;
        int last = first;
        for (var row : rows) {
            last = Math.max(last, row.first + row.weights.length);
        }
        int line = window.width() * 3;
        var narrow = new float[(last - first) * line];
        for (int y = first; y < last; y++) {
            int to = (y - first) * line;
            for (int x = 0; x < window.width(); x++, to += 3) {
                across(image, y, columns[x], narrow, to, quantize);
            }
        }
        int plane = window.width() * window.height();
        var out = new float[plane * 3];
        var sums = new double[line];
        for (int y = 0; y < window.height(); y++) {
            Arrays.fill(sums, 0);
            var row = rows[y];
            for (int k = 0; k < row.weights.length; k++) {
                int from = (row.first - first + k) * line;
                double weight = row.weights[k];
                for (int i = 0; i < line; i++) {
                    sums[i] += weight * narrow[from + i];
                }
            }
            int to = y * window.width();
            for (int x = 0, i = 0; x < window.width(); x++, to++) {
                for (int c = 0; c < 3; c++, i++) {
                    out[c * plane + to] = rounded(sums[i], quantize);
                }
            }
        }
        return out;
    }

    private static void across(
            RgbImage image, int y, Tap tap, float[] to, int at, boolean quantize) {
        double red = 0;
        double green = 0;
        double blue = 0;
        var rgb = image.rgb();
        int from = (y * image.width() + tap.first) * 3;
        for (double weight : tap.weights) {
            red += weight * (rgb[from] & 0xff);
            green += weight * (rgb[from + 1] & 0xff);
            blue += weight * (rgb[from + 2] & 0xff);
            from += 3;
        }
        to[at] = rounded(red, quantize);
        to[at + 1] = rounded(green, quantize);
        to[at + 2] = rounded(blue, quantize);
    }

    private static float rounded(double value, boolean quantize) {
        return quantize
                ? (float) Math.max(0, Math.min(255, Math.floor(value + 0.5)))
                : (float) value;
    }

    private record Tap(int first, double[] weights) {}

    /**
     * For each output position: which input positions count, and how much.
     *
     * @param bytes whether weights are those of bytes
     */
    private Tap[] taps(int in, int out, boolean bytes) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double narrowing = 1 / stretch;
        double reach = support * stretch;
        var taps = new Tap[out];
        double largest = 0;
        for (int i = 0; i < out; i++) {
            double centre = (i + 0.5) * scale;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int end = Math.min(in, (int) (centre + reach + 0.5));
            var weights = new double[end - first];
            double sum = 0;
            for (int k = 0; k < weights.length; k++) {
                weights[k] = weight((first + k - centre + 0.5) * narrowing);
                sum += weights[k];
            }
            for (int k = 0; k < weights.length; k++) {
                weights[k] /= sum;
                largest = Math.max(largest, weights[k]);
            }
            taps[i] = new Tap(first, weights);
        }
        if (bytes) {
            var fixed = FixedPoint.of(largest);
            for (var tap : taps) {
                fixed.round(tap.weights);
            }
        }
        return taps;
    }

    /**
     * How PyTorch resizes bytes: weights are 16-bit whole numbers over a power of two, the largest
     * that the largest weight of all allows. Sums of them are exact in float64.
     */
    private record FixedPoint(double one) {
        private static final int MOST_BITS = 22;

        static FixedPoint of(double largest) {
            int bits = 0;
            while (bits < MOST_BITS && (int) (0.5 + largest * (1 << (bits + 1))) < 1 << 15) {
                bits++;
            }
            return new FixedPoint(1 << bits);
        }

        void round(double[] weights) {
            for (int k = 0; k < weights.length; k++) {
                double scaled = weights[k] * one;
                weights[k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5) / one;
            }
        }
    }
}
