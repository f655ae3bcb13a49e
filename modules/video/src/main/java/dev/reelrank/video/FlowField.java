package dev.reelrank.video;

/**
 * Where every pixel of one frame went in another.
 *
 * @param width pixels
 * @param height pixels
 * @param uv shape (height, width, 2), pixels: rightward and downward displacement
 */
public record FlowField(int width, int height, float[] uv) {
    public FlowField {
        if (uv.length != Math.multiplyExact(Math.multiplyExact(width, height), 2)) {
            throw new IllegalArgumentException(
                    "a %dx%d flow needs %d values, got %d"
                            .formatted(width, height, width * height * 2, uv.length));
        }
    }

    /** Rightward displacement of a pixel, in pixels. */
    public float u(int x, int y) {
        return uv[(y * width + x) * 2];
    }

    /** Downward displacement of a pixel, in pixels. */
    public float v(int x, int y) {
        return uv[(y * width + x) * 2 + 1];
    }
}
