package dev.reelrank.perception;

import dev.reelrank.pipeline.RgbImage;

/**
 * Antialiased resizing: when it shrinks, the filter is stretched by the factor so that every source
 * pixel counts. The same sums as PIL's {@code Image.resize} and torchvision's {@code resize} with
 * {@code antialias=True}: horizontally first, weights normalised, edges cut.
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
     * @param quantize round to 0..255 after each of the two passes, as 8-bit resizing does
     * @return shape (3, window height, window width), values 0..255
     */
    float[] resize(RgbImage image, int width, int height, Window window, boolean quantize) {
        var columns = taps(image.width(), width, window.x(), window.width());
        var rows = taps(image.height(), height, window.y(), window.height());
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
            java.util.Arrays.fill(sums, 0);
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

    /** For each wanted output position: which input positions count, and how much. */
    private Tap[] taps(int in, int out, int from, int count) {
        double scale = (double) in / out;
        double stretch = Math.max(scale, 1);
        double reach = support * stretch;
        var taps = new Tap[count];
        for (int i = 0; i < count; i++) {
            double centre = (from + i + 0.5) * scale;
            int first = Math.max(0, (int) (centre - reach + 0.5));
            int end = Math.min(in, (int) (centre + reach + 0.5));
            var weights = new double[end - first];
            double sum = 0;
            for (int k = 0; k < weights.length; k++) {
                weights[k] = weight((first + k - centre + 0.5) / stretch);
                sum += weights[k];
            }
            for (int k = 0; k < weights.length; k++) {
                weights[k] /= sum;
            }
            taps[i] = new Tap(first, weights);
        }
        return taps;
    }
}
