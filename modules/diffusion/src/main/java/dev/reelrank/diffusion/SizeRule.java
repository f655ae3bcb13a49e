package dev.reelrank.diffusion;

import dev.reelrank.pipeline.RgbImage;

/**
 * How a picture's aspect decides the size of its video. Sides are multiples of what the model
 * takes.
 */
public enum SizeRule {
    /** As many pixels as the default size, at the picture's aspect, rounded down. */
    AREA,
    /** The default size's short side, and the long side by the picture's aspect. */
    SHORT_SIDE;

    /** A frame's size in pixels. */
    public record Size(int width, int height) {}

    /** The size for an image; {@code multiple} is what both sides must be divisible by. */
    public Size of(RgbImage image, int defaultWidth, int defaultHeight, int multiple) {
        double aspect = (double) image.height() / image.width();
        if (this == AREA) {
            double area = (double) defaultWidth * defaultHeight;
            return new Size(
                    down(Math.rint(Math.sqrt(area / aspect)), multiple),
                    down(Math.rint(Math.sqrt(area * aspect)), multiple));
        }
        int shortSide = Math.min(defaultWidth, defaultHeight);
        return aspect >= 1
                ? new Size(down(shortSide, multiple), nearest(shortSide * aspect, multiple))
                : new Size(nearest(shortSide / aspect, multiple), down(shortSide, multiple));
    }

    private static int down(double side, int multiple) {
        return Math.max(multiple, (int) side / multiple * multiple);
    }

    private static int nearest(double side, int multiple) {
        return Math.max(multiple, (int) Math.round(side / multiple) * multiple);
    }
}
