package dev.reelrank.ranking;

import dev.reelrank.pipeline.Box;

/** The part of an image that stands for its subject. */
public final class SquareCrop {
    private SquareCrop() {}

    /**
     * A square around a box, so that resizing it to the model's square distorts nothing: its side
     * is the box's longer side and a margin of a tenth, its centre the box's, moved into the image
     * where it would reach out. Where the image is too small for the square, the side is cut to the
     * image's.
     *
     * @return whole pixels inside the image, at least 1×1
     */
    public static Box around(Box box, int width, int height) {
        double side = Math.max(1, Math.max(box.width(), box.height()) * 1.1);
        double x0 = place((box.x0() + box.x1()) / 2, side, width);
        double y0 = place((box.y0() + box.y1()) / 2, side, height);
        long left = Math.round(x0);
        long top = Math.round(y0);
        long right = Math.max(left + 1, Math.min(width, Math.round(x0 + Math.min(side, width))));
        long bottom = Math.max(top + 1, Math.min(height, Math.round(y0 + Math.min(side, height))));
        return new Box(left, top, right, bottom);
    }

    private static double place(double centre, double side, int size) {
        if (side >= size) {
            return 0;
        }
        return Math.max(0, Math.min(size - side, centre - side / 2));
    }
}
