package dev.reelrank.testbed;

/**
 * The background's pixels: its colour, a slope of light, broad clouds and a finer coloured grain.
 */
final class Texture {
    private static final float CLOUD_PIXELS = 30;
    private static final float GRAIN_PIXELS = 12;

    private final long seed;
    private final float unit;

    Texture(long seed, int size) {
        this.seed = seed;
        this.unit = size / 128f;
    }

    /**
     * Paints the background on a canvas that reaches beyond the picture on both sides.
     *
     * @param margin pixels added on the left and on the right
     * @return size × (size + 2 margin) × 3 values, 1 is full; not clamped
     */
    float[] paint(Backdrop backdrop, int size, int margin) {
        int width = size + 2 * margin;
        Rgb base = backdrop.colour().rgb().plus(backdrop.tint());
        float[] canvas = new float[size * width * 3];
        float[] row = new float[width];
        for (int y = 0; y < size; y++) {
            noiseRow(row, y, margin, CLOUD_PIXELS * unit, 0);
            for (int x = 0; x < width; x++) {
                float slope =
                        ((x - margin + .5f) / size - .5f) * backdrop.slopeX()
                                + ((y + .5f) / size - .5f) * backdrop.slopeY();
                float light = 1 + .17f * row[x] + slope;
                int at = (y * width + x) * 3;
                canvas[at] = base.r() * light + .03f * row[x];
                canvas[at + 1] = base.g() * light + .03f * row[x];
                canvas[at + 2] = base.b() * light + .03f * row[x];
            }
            for (int channel = 0; channel < 3; channel++) {
                noiseRow(row, y, margin, GRAIN_PIXELS * unit, 1 + channel);
                for (int x = 0; x < width; x++) {
                    canvas[(y * width + x) * 3 + channel] += .018f * row[x];
                }
            }
        }
        return canvas;
    }

    /** Value noise: normal-like values on a lattice, joined by a quintic. */
    private void noiseRow(float[] row, int y, int margin, float spacing, int layer) {
        float fy = y / spacing;
        int iy = (int) Math.floor(fy);
        float ty = ease(fy - iy);
        int previous = Integer.MIN_VALUE;
        float left = 0;
        float right = 0;
        for (int x = 0; x < row.length; x++) {
            float fx = (x - margin) / spacing;
            int ix = (int) Math.floor(fx);
            if (ix != previous) {
                left = mixed(node(ix, iy, layer), node(ix, iy + 1, layer), ty);
                right = mixed(node(ix + 1, iy, layer), node(ix + 1, iy + 1, layer), ty);
                previous = ix;
            }
            row[x] = mixed(left, right, ease(fx - ix));
        }
    }

    /** About normal with deviation 1: the sum of four uniform values. */
    private float node(int ix, int iy, int layer) {
        long bits =
                Dice.mix(seed * 31 + layer * 0x5851F42D4C957F2DL + ix * 0x14057B7EF767814FL + iy);
        long more = Dice.mix(bits);
        float sum =
                (bits >>> 40) * 0x1p-24f
                        + (bits & 0xffffff) * 0x1p-24f
                        + (more >>> 40) * 0x1p-24f
                        + (more & 0xffffff) * 0x1p-24f;
        return (sum - 2) * 1.7320508f;
    }

    private static float mixed(float a, float b, float t) {
        return a + (b - a) * t;
    }

    private static float ease(float t) {
        return t * t * t * (t * (t * 6 - 15) + 10);
    }
}
