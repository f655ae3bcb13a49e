package dev.reelrank.ranking;

/**
 * One embedding for each patch of a frame.
 *
 * @param rows patches downwards, at least 1
 * @param columns patches across, at least 1
 * @param width values per patch
 * @param values shape (rows, columns, width)
 */
public record PatchGrid(int rows, int columns, int width, float[] values) {
    public PatchGrid {
        if (rows < 1 || columns < 1 || values.length != rows * columns * width) {
            throw new IllegalArgumentException(
                    "%d values are no grid of %dx%dx%d"
                            .formatted(values.length, rows, columns, width));
        }
    }

    /** Cosine of each patch with a vector, shape (rows, columns), −1..1: the heat map. */
    public double[] cosines(float[] vector) {
        var heat = new double[rows * columns];
        for (int i = 0; i < heat.length; i++) {
            heat[i] = Vectors.cosine(values, i * width, vector, width);
        }
        return heat;
    }
}
