package dev.reelrank.qwen;

/**
 * Where the patches of a picture lie, in the order of their merge blocks, and how the learned
 * position table is interpolated to them: bilinear, corners aligned.
 *
 * @param rows each patch's row
 * @param columns each patch's column
 * @param indices four entries of the table a patch
 * @param weights their weights, which sum to 1
 */
record PositionGrid(long[] rows, long[] columns, long[] indices, float[] weights) {
    static PositionGrid of(ImageGrid grid, QwenConfig.Vision config) {
        var merge = config.merge();
        var side = (int) Math.rint(Math.sqrt(config.positions()));
        var count = grid.patches();
        var plan =
                new PositionGrid(
                        new long[count],
                        new long[count],
                        new long[4 * count],
                        new float[4 * count]);
        var blocks = grid.columns() / merge;
        for (var patch = 0; patch < count; patch++) {
            var block = patch / (merge * merge);
            var row = block / blocks * merge + patch / merge % merge;
            var column = block % blocks * merge + patch % merge;
            plan.rows[patch] = row;
            plan.columns[patch] = column;
            plan.interpolate(
                    patch, at(row, grid.rows(), side), at(column, grid.columns(), side), side);
        }
        return plan;
    }

    private static float at(int index, int size, int side) {
        return (float) index * (side - 1) / Math.max(size - 1, 1);
    }

    private void interpolate(int patch, float row, float column, int side) {
        var top = (int) row;
        var left = (int) column;
        var down = row - top;
        var right = column - left;
        for (var tap = 0; tap < 4; tap++) {
            var y = tap / 2;
            var x = tap % 2;
            indices[4 * patch + tap] =
                    (long) Math.min(top + y, side - 1) * side + Math.min(left + x, side - 1);
            weights[4 * patch + tap] = (y == 0 ? 1 - down : down) * (x == 0 ? 1 - right : right);
        }
    }
}
