package dev.reelrank.bench.picture;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.RgbImage;
import dev.reelrank.pipeline.StageException;

/** Width and height of {@code --size}, pixels. */
public record PictureSize(int width, int height) {
    /**
     * Reads a size.
     *
     * @throws StageException INVALID_CONFIG unless the text is two numbers with an x between
     */
    public static PictureSize parse(String size) {
        var parts = size.split("x", -1);
        try {
            if (parts.length == 2) {
                return new PictureSize(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            }
        } catch (NumberFormatException e) {
            // Said below, as for any other wrong form.
        }
        throw new StageException(
                FailureCode.INVALID_CONFIG, "--size '" + size + "' is not like 1280x720");
    }

    /** A picture of this size without a subject. */
    public RgbImage gradient() {
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            int pixel = i / 3;
            rgb[i] =
                    (byte)
                            (i % 3 == 0
                                    ? pixel % width * 255 / width
                                    : pixel / width * 255 / height);
        }
        return new RgbImage(width, height, rgb);
    }
}
