package dev.reelrank.perception;

import dev.reelrank.pipeline.Mask;
import java.util.BitSet;

/**
 * A small map of logits to a mask of the picture's size: sigmoid, bilinear with half-pixel centres
 * and no antialiasing, then the threshold (the order of transformers' post-processing).
 */
final class MaskDrawing {
    private MaskDrawing() {}

    /**
     * @param logits all maps, one after another
     * @param at where this one begins
     * @param threshold probability a pixel must exceed, 0..1
     */
    static Mask draw(
            float[] logits,
            int at,
            int mapWidth,
            int mapHeight,
            int width,
            int height,
            double threshold) {
        var map = new float[mapWidth * mapHeight];
        for (int i = 0; i < map.length; i++) {
            map[i] = (float) (1 / (1 + Math.exp(-logits[at + i])));
        }
        var columns = new int[width];
        var columnShares = new float[width];
        positions(mapWidth, width, columns, columnShares);
        var rows = new int[height];
        var rowShares = new float[height];
        positions(mapHeight, height, rows, rowShares);
        var firsts = new int[mapHeight];
        var lasts = new int[mapHeight];
        columnsAbove(map, mapWidth, threshold, firsts, lasts);
        var pixels = new BitSet(width * height);
        for (int y = 0; y < height; y++) {
            int upper = rows[y] * mapWidth;
            int lower = Math.min(rows[y] + 1, mapHeight - 1) * mapWidth;
            int below = lower / mapWidth;
            // A mean exceeds the threshold only where one of its four values does.
            int first = Math.min(firsts[rows[y]], firsts[below]);
            int last = Math.max(lasts[rows[y]], lasts[below]);
            float down = rowShares[y];
            for (int x = 0; x < width; x++) {
                int left = columns[x];
                if (left + 1 < first) {
                    continue;
                }
                if (left > last) {
                    break;
                }
                int right = Math.min(left + 1, mapWidth - 1);
                float across = columnShares[x];
                float top = map[upper + left] * (1 - across) + map[upper + right] * across;
                float bottom = map[lower + left] * (1 - across) + map[lower + right] * across;
                if (top * (1 - down) + bottom * down > threshold) {
                    pixels.set(y * width + x);
                }
            }
        }
        return new Mask(width, height, pixels);
    }

    /** By row the first and last column above the threshold; none means an empty range. */
    private static void columnsAbove(
            float[] map, int mapWidth, double threshold, int[] firsts, int[] lasts) {
        for (int y = 0; y < firsts.length; y++) {
            firsts[y] = Integer.MAX_VALUE;
            lasts[y] = -1;
            for (int x = 0; x < mapWidth; x++) {
                if (map[y * mapWidth + x] > threshold) {
                    firsts[y] = Math.min(firsts[y], x);
                    lasts[y] = x;
                }
            }
        }
    }

    private static void positions(int in, int out, int[] first, float[] share) {
        float scale = (float) in / out;
        for (int i = 0; i < out; i++) {
            float position = Math.max(0, (i + 0.5f) * scale - 0.5f);
            first[i] = Math.min((int) position, in - 1);
            share[i] = position - first[i];
        }
    }
}
