package dev.reelrank.pipeline;

import java.util.List;

/**
 * A rectangle of an image in pixels; x1 and y1 lie past its last pixel.
 *
 * @param x0 left, at most x1
 * @param y0 top, at most y1
 */
public record Box(double x0, double y0, double x1, double y1) {
    public Box {
        if (!(x0 <= x1) || !(y0 <= y1)) {
            throw new IllegalArgumentException(
                    "a box needs x0 <= x1 and y0 <= y1, was (%s,%s)-(%s,%s)"
                            .formatted(x0, y0, x1, y1));
        }
    }

    public double width() {
        return x1 - x0;
    }

    public double height() {
        return y1 - y0;
    }

    public double area() {
        return width() * height();
    }

    /** The same box on an image that is scaled by the given factors. */
    public Box scaled(double horizontally, double vertically) {
        return new Box(x0 * horizontally, y0 * vertically, x1 * horizontally, y1 * vertically);
    }

    /** x0, y0, x1, y1. */
    public List<Double> toList() {
        return List.of(x0, y0, x1, y1);
    }
}
