package dev.reelrank.diffusion.image;

import dev.reelrank.pipeline.RgbImage;

/**
 * Resizes pictures with a Lanczos window of 3, widened when shrinking, in the fixed-point
 * arithmetic of the Python Imaging Library (version 13): one direction, then the other, each
 * rounded to 8 bits. The vertical pass goes first if the height loses more than twice as many
 * pixels as the width.
 */
public final class LanczosResize {
    private static final double WINDOW = 3;
    private static final int PRECISION = 22;

    private LanczosResize() {}

    /** Where an output sample takes its input from, and with what weights. */
    private record Taps(int[] first, int[][] weights) {}

    /** The same picture if it has this size. */
    public static RgbImage resize(RgbImage image, int width, int height) {
        if (image.width() == width && image.height() == height) {
            return image;
        }
        int lostRows = image.height() - height;
        int lostColumns = image.width() - width;
        boolean verticalFirst = lostRows > 0 && lostRows > 2L * lostColumns;
        byte[] out = image.rgb();
        if (verticalFirst) {
            out = vertical(out, image.width(), image.height(), height);
            out = horizontal(out, image.width(), height, width);
        } else {
            out = horizontal(out, image.width(), image.height(), width);
            out = vertical(out, width, image.height(), height);
        }
        return new RgbImage(width, height, out);
    }

    private static byte[] horizontal(byte[] rgb, int width, int height, int newWidth) {
        if (width == newWidth) {
            return rgb;
        }
        Taps taps = taps(width, newWidth);
        byte[] out = new byte[newWidth * height * 3];
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < newWidth; x++) {
                int from = (y * width + taps.first[x]) * 3;
                sum(rgb, from, 3, taps.weights[x], out, (y * newWidth + x) * 3);
            }
        }
        return out;
    }

    private static byte[] vertical(byte[] rgb, int width, int height, int newHeight) {
        if (height == newHeight) {
            return rgb;
        }
        Taps taps = taps(height, newHeight);
        byte[] out = new byte[width * newHeight * 3];
        for (int y = 0; y < newHeight; y++) {
            for (int x = 0; x < width; x++) {
                int from = (taps.first[y] * width + x) * 3;
                sum(rgb, from, width * 3, taps.weights[y], out, (y * width + x) * 3);
            }
        }
        return out;
    }

    private static void sum(byte[] in, int from, int stride, int[] weights, byte[] out, int at) {
        for (int channel = 0; channel < 3; channel++) {
            int total = 1 << (PRECISION - 1);
            int place = from + channel;
            for (int weight : weights) {
                total += (in[place] & 0xff) * weight;
                place += stride;
            }
            out[at + channel] = (byte) Math.max(0, Math.min(255, total >> PRECISION));
        }
    }

    private static Taps taps(int size, int newSize) {
        double scale = (double) size / newSize;
        double widening = Math.max(scale, 1);
        double narrowing = 1 / widening;
        double support = WINDOW * widening;
        int[] first = new int[newSize];
        int[][] weights = new int[newSize][];
        for (int i = 0; i < newSize; i++) {
            double centre = (i + 0.5) * scale;
            int low = Math.max(0, (int) (centre - support + 0.5));
            int high = Math.min(size, (int) (centre + support + 0.5));
            double[] exact = new double[high - low];
            double total = 0;
            for (int k = 0; k < exact.length; k++) {
                exact[k] = lanczos((k + low - centre + 0.5) * narrowing);
                total += exact[k];
            }
            first[i] = low;
            weights[i] = new int[exact.length];
            for (int k = 0; k < exact.length; k++) {
                double fixed = exact[k] / total * (1 << PRECISION);
                weights[i][k] = (int) (fixed < 0 ? fixed - 0.5 : fixed + 0.5);
            }
        }
        return new Taps(first, weights);
    }

    private static double lanczos(double x) {
        return x <= -WINDOW || x >= WINDOW ? 0 : sinc(x) * sinc(x / WINDOW);
    }

    private static double sinc(double x) {
        return x == 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
    }
}
