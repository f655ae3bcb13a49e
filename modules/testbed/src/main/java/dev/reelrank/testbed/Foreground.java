package dev.reelrank.testbed;

import dev.reelrank.pipeline.RgbImage;

/**
 * Where a frame shows something that the empty picture does not. A shadow, which only darkens what
 * is behind it, does not count.
 */
final class Foreground {
    /** How far a channel must be off, on a scale of 255. */
    private static final float THRESHOLD = 28;

    private static final float DARKEST_SHADOW = .6f;
    private static final float BRIGHTEST = 1.05f;

    private Foreground() {}

    /** One flag a pixel, row by row. */
    static boolean[] of(RgbImage frame, RgbImage empty) {
        if (frame.width() != empty.width() || frame.height() != empty.height()) {
            throw new IllegalArgumentException(
                    "a frame of %dx%d cannot be compared with one of %dx%d"
                            .formatted(
                                    frame.width(), frame.height(), empty.width(), empty.height()));
        }
        boolean[] mask = new boolean[frame.width() * frame.height()];
        byte[] a = frame.rgb();
        byte[] b = empty.rgb();
        for (int p = 0; p < mask.length; p++) {
            float dot = 0;
            float square = 1e-3f;
            for (int c = 0; c < 3; c++) {
                float there = b[3 * p + c] & 0xff;
                dot += (a[3 * p + c] & 0xff) * there;
                square += there * there;
            }
            float shade = Math.min(Math.max(dot / square, DARKEST_SHADOW), BRIGHTEST);
            float off = 0;
            for (int c = 0; c < 3; c++) {
                off =
                        Math.max(
                                off,
                                Math.abs((a[3 * p + c] & 0xff) - shade * (b[3 * p + c] & 0xff)));
            }
            mask[p] = off > THRESHOLD;
        }
        return mask;
    }
}
