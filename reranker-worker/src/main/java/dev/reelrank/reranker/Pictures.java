package dev.reelrank.reranker;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.RgbImage;

/** Small arithmetic on pictures. */
final class Pictures {
    private Pictures() {}

    /** A part of a picture; the box has whole corners inside it. */
    static RgbImage cut(RgbImage image, Box box) {
        int left = (int) box.x0();
        int top = (int) box.y0();
        int width = (int) box.x1() - left;
        int height = (int) box.y1() - top;
        if (width == image.width() && height == image.height()) {
            return image;
        }
        var rgb = new byte[width * height * 3];
        for (int y = 0; y < height; y++) {
            System.arraycopy(
                    image.rgb(),
                    ((top + y) * image.width() + left) * 3,
                    rgb,
                    y * width * 3,
                    width * 3);
        }
        return new RgbImage(width, height, rgb);
    }

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
