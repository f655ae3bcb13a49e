package dev.reelrank.qwen;

import java.util.Iterator;
import java.util.List;

/**
 * Where each token of a conversation stands, in time, height and width: text goes on along the
 * diagonal, an image spans a rectangle at one time, and text after it goes on behind its longer
 * side.
 *
 * @param axes three rows (time, height, width) of one number a token
 * @param next the position of the token that follows
 */
record Positions(long[][] axes, long next) {
    static Positions of(int[] ids, int imageToken, List<ImageGrid> grids, int merge) {
        var axes = new long[3][ids.length];
        Iterator<ImageGrid> images = grids.iterator();
        long current = 0;
        for (var i = 0; i < ids.length; ) {
            if (ids[i] != imageToken) {
                axes[0][i] = axes[1][i] = axes[2][i] = current++;
                i++;
                continue;
            }
            var grid = images.next();
            var columns = grid.columns() / merge;
            for (var token = 0; token < grid.tokens(merge); token++, i++) {
                axes[0][i] = current;
                axes[1][i] = current + token / columns;
                axes[2][i] = current + token % columns;
            }
            current += Math.max(grid.rows(), grid.columns()) / merge;
        }
        return new Positions(axes, current);
    }

    /** The positions of a number of text tokens from a position on. */
    static Positions text(long from, int count) {
        var axes = new long[3][count];
        for (var i = 0; i < count; i++) {
            axes[0][i] = axes[1][i] = axes[2][i] = from + i;
        }
        return new Positions(axes, from + count);
    }
}
