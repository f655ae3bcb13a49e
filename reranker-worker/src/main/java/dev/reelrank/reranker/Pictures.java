package dev.reelrank.reranker;

import dev.reelrank.pipeline.RgbImage;

/** Simple arithmetic on images. */
final class Pictures {
    private Pictures() {}

    /** Mean of 0.299 R + 0.587 G + 0.114 B, 0..1. */
    static double brightness(RgbImage image) {
        long red = 0;
        long green = 0;
        long blue = 0;
        var rgb = image.rgb();
        for (int i = 0; i < rgb.length; i += 3) {
            red += rgb[i] & 0xff;
            green += rgb[i + 1] & 0xff;
            blue += rgb[i + 2] & 0xff;
        }
        return (0.299 * red + 0.587 * green + 0.114 * blue) / (rgb.length / 3.0) / 255;
    }
}
