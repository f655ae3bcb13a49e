package dev.reelrank.dqa;

import dev.reelrank.pipeline.RgbImage;
import java.util.List;

/** The mean of all channels, 0..255. */
final class Brightness {
    private Brightness() {}

    static double mean(List<RgbImage> frames) {
        return frames.stream().mapToDouble(Brightness::mean).average().orElse(0);
    }

    static double mean(RgbImage frame) {
        long total = 0;
        for (byte b : frame.rgb()) {
            total += b & 0xff;
        }
        return (double) total / frame.rgb().length;
    }

    /**
     * The largest standard deviation of the values within a frame, 0..127.5: 0 for frames of one
     * grey, which show nothing.
     */
    static double contrast(List<RgbImage> frames) {
        return frames.stream().mapToDouble(Brightness::contrast).max().orElse(0);
    }

    static double contrast(RgbImage frame) {
        double sum = 0;
        double squares = 0;
        for (byte b : frame.rgb()) {
            int v = b & 0xff;
            sum += v;
            squares += (double) v * v;
        }
        int n = frame.rgb().length;
        return Math.sqrt(Math.max(0, squares / n - sum / n * (sum / n)));
    }

    /** The picture with the mean brightness of another; itself where they are within 1 %. */
    static RgbImage matched(RgbImage image, RgbImage like) {
        double gain = Math.max(1, mean(like)) / Math.max(1, mean(image));
        if (Math.abs(gain - 1) < 0.01) {
            return image;
        }
        byte[] rgb = new byte[image.rgb().length];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) Math.min(255, Math.round((image.rgb()[i] & 0xff) * gain));
        }
        return new RgbImage(image.width(), image.height(), rgb);
    }
}
