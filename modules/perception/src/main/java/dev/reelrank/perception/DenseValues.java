package dev.reelrank.perception;

/**
 * The values that CLIP's last block would attend to, one for each patch; serves any number of proxy
 * attentions.
 *
 * @param gridHeight patches downwards
 * @param gridWidth patches across
 * @param width values per patch
 * @param values shape (gridHeight, gridWidth, width)
 */
public record DenseValues(int gridHeight, int gridWidth, int width, float[] values) {
    /** Bilinear with half-pixel centres, edges repeated, no antialiasing. */
    public DenseValues resized(int newHeight, int newWidth) {
        if (newHeight == gridHeight && newWidth == gridWidth) {
            return this;
        }
        var out = new float[newHeight * newWidth * width];
        for (int y = 0; y < newHeight; y++) {
            float sy = Math.max(0, (y + 0.5f) * gridHeight / newHeight - 0.5f);
            int top = Math.min((int) sy, gridHeight - 1);
            int bottom = Math.min(top + 1, gridHeight - 1);
            float down = sy - top;
            for (int x = 0; x < newWidth; x++) {
                float sx = Math.max(0, (x + 0.5f) * gridWidth / newWidth - 0.5f);
                int left = Math.min((int) sx, gridWidth - 1);
                int right = Math.min(left + 1, gridWidth - 1);
                float across = sx - left;
                int to = (y * newWidth + x) * width;
                int a = (top * gridWidth + left) * width;
                int b = (top * gridWidth + right) * width;
                int c = (bottom * gridWidth + left) * width;
                int d = (bottom * gridWidth + right) * width;
                for (int i = 0; i < width; i++) {
                    float upper = values[a + i] * (1 - across) + values[b + i] * across;
                    float lower = values[c + i] * (1 - across) + values[d + i] * across;
                    out[to + i] = upper * (1 - down) + lower * down;
                }
            }
        }
        return new DenseValues(newHeight, newWidth, width, out);
    }
}
