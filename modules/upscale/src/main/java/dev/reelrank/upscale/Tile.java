package dev.reelrank.upscale;

import dev.reelrank.pipeline.RgbImage;
import java.util.ArrayList;
import java.util.List;

/**
 * A part of a picture that is computed at once: its core is kept, what is around is only looked at.
 * Beyond the picture's edge its last pixels are repeated, so that parts have even sides.
 *
 * @param x of the core, as y; pixels of the picture
 * @param wide of the core, as high
 * @param left pixels around that are computed, as top
 * @param width of all that is computed, as height
 */
record Tile(int x, int y, int wide, int high, int left, int top, int width, int height) {
    /** Parts whose cores cover a picture once, equal sizes after one another where possible. */
    static List<Tile> cover(int width, int height, UpscaleOptions options) {
        var tiles = new ArrayList<Tile>();
        for (int y = 0; y < height; y += options.tile()) {
            for (int x = 0; x < width; x += options.tile()) {
                int wide = Math.min(options.tile(), width - x);
                int high = Math.min(options.tile(), height - y);
                int left = Math.min(options.overlap(), x);
                int top = Math.min(options.overlap(), y);
                int right = Math.min(options.overlap(), width - x - wide);
                int below = Math.min(options.overlap(), height - y - high);
                tiles.add(
                        new Tile(
                                x,
                                y,
                                wide,
                                high,
                                left,
                                top,
                                even(left + wide + right),
                                even(top + high + below)));
            }
        }
        return tiles;
    }

    private static int even(int side) {
        return side + side % 2;
    }

    boolean sameSize(Tile other) {
        return width == other.width && height == other.height;
    }

    /** What the network looks at: height × width × 3 values, 0..255. */
    float[] cut(RgbImage picture) {
        var values = new float[width * height * 3];
        int at = 0;
        for (int row = 0; row < height; row++) {
            int py = Math.min(y - top + row, picture.height() - 1);
            for (int column = 0; column < width; column++) {
                int px = Math.min(x - left + column, picture.width() - 1);
                int from = (py * picture.width() + px) * 3;
                for (int c = 0; c < 3; c++) {
                    values[at++] = picture.rgb()[from + c] & 0xff;
                }
            }
        }
        return values;
    }

    /**
     * Writes the core of an enlarged part where it belongs.
     *
     * @param values scale × height × scale × width × 3 from an offset, 0..1; outside of that they
     *     are clamped
     * @param pictureWidth of the picture before
     * @param out the enlarged picture
     */
    void paste(float[] values, int offset, int scale, int pictureWidth, byte[] out) {
        for (int row = 0; row < scale * high; row++) {
            int from = offset + ((scale * top + row) * scale * width + scale * left) * 3;
            int to = ((scale * y + row) * scale * pictureWidth + scale * x) * 3;
            for (int i = 0; i < scale * wide * 3; i++) {
                float value = Math.max(0, Math.min(1, values[from + i]));
                out[to + i] = (byte) Math.round(value * 255);
            }
        }
    }
}
