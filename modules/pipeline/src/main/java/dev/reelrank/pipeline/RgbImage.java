package dev.reelrank.pipeline;

import java.util.Objects;

/**
 * An 8-bit sRGB picture, shape (height, width, 3), interleaved R G B, row by row from the top left.
 *
 * <p>The array is not copied: the creator of an image hands it over, and readers must not write to
 * it.
 *
 * @param width pixels, at least 1
 * @param height pixels, at least 1
 * @param rgb width × height × 3 bytes, each 0..255 (unsigned)
 */
public record RgbImage(int width, int height, byte[] rgb) {
    public RgbImage {
        Objects.requireNonNull(rgb, "rgb is null");
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException(
                    "image must be at least 1x1, was " + width + "x" + height);
        }
        if (rgb.length != (long) width * height * 3) {
            throw new IllegalArgumentException(
                    "a %dx%d image needs %d bytes, got %d"
                            .formatted(width, height, (long) width * height * 3, rgb.length));
        }
    }

    /** The value of one channel (0 red, 1 green, 2 blue) at a pixel, 0..255. */
    public int at(int x, int y, int channel) {
        return rgb[(y * width + x) * 3 + channel] & 0xff;
    }

    /**
     * A part of the picture.
     *
     * @param box with whole corners inside the picture
     * @return itself for all of it
     */
    public RgbImage cut(Box box) {
        int left = (int) box.x0();
        int top = (int) box.y0();
        int wide = (int) box.x1() - left;
        int high = (int) box.y1() - top;
        if (wide == width && high == height) {
            return this;
        }
        byte[] part = new byte[wide * high * 3];
        for (int y = 0; y < high; y++) {
            System.arraycopy(rgb, ((top + y) * width + left) * 3, part, y * wide * 3, wide * 3);
        }
        return new RgbImage(wide, high, part);
    }
}
