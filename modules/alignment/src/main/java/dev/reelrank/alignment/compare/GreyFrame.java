package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.RgbImage;

/**
 * A frame's brightness.
 *
 * @param width pixels
 * @param height pixels
 * @param values row by row
 */
record GreyFrame(int width, int height, float[] values) {
    private static final double RED = 0.299;
    private static final double GREEN = 0.587;
    private static final double BLUE = 0.114;

    /** Brightness 0..255 by ITU-R BT.601, rounded to whole numbers, as OpenCV's grey is. */
    static GreyFrame of(RgbImage image) {
        byte[] rgb = image.rgb();
        var values = new float[image.width() * image.height()];
        for (int p = 0; p < values.length; p++) {
            values[p] =
                    Math.round(
                            RED * (rgb[3 * p] & 0xff)
                                    + GREEN * (rgb[3 * p + 1] & 0xff)
                                    + BLUE * (rgb[3 * p + 2] & 0xff));
        }
        return new GreyFrame(image.width(), image.height(), values);
    }

    GreyFrame times(double factor) {
        var scaled = new float[values.length];
        for (int p = 0; p < values.length; p++) {
            scaled[p] = (float) (values[p] * factor);
        }
        return new GreyFrame(width, height, scaled);
    }

    /** The same with the mean and the spread of another frame. */
    GreyFrame asBrightAs(GreyFrame other) {
        double mean = mean();
        double spread = spread(mean);
        double wantedMean = other.mean();
        double factor = spread == 0 ? 1 : other.spread(wantedMean) / spread;
        var changed = new float[values.length];
        for (int p = 0; p < values.length; p++) {
            changed[p] = (float) ((values[p] - mean) * factor + wantedMean);
        }
        return new GreyFrame(width, height, changed);
    }

    private double mean() {
        double sum = 0;
        for (float value : values) {
            sum += value;
        }
        return sum / values.length;
    }

    private double spread(double mean) {
        double sum = 0;
        for (float value : values) {
            sum += (value - mean) * (value - mean);
        }
        return Math.sqrt(sum / values.length);
    }

    /** The values as bytes, cut to 0..255. */
    byte[] bytes() {
        var bytes = new byte[values.length];
        for (int p = 0; p < values.length; p++) {
            bytes[p] = (byte) Math.max(0, Math.min(255, Math.round(values[p])));
        }
        return bytes;
    }

    /** The value at a pixel; outside, that of the nearest edge. */
    float at(int x, int y) {
        return values[
                Math.max(0, Math.min(height - 1, y)) * width + Math.max(0, Math.min(width - 1, x))];
    }

    /** The value between pixels, bilinear; outside, that of the nearest edge. */
    double between(double x, double y) {
        double cx = Math.max(0, Math.min(width - 1, x));
        double cy = Math.max(0, Math.min(height - 1, y));
        int left = (int) cx;
        int top = (int) cy;
        double right = cx - left;
        double down = cy - top;
        return (at(left, top) * (1 - right) + at(left + 1, top) * right) * (1 - down)
                + (at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right) * down;
    }
}
