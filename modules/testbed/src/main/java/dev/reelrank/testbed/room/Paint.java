package dev.reelrank.testbed.room;

/**
 * A texture over the two coordinates of a surface, metres.
 *
 * @param pattern what is painted
 * @param first colour, three values 0..1
 * @param second colour, three values 0..1
 * @param period of the pattern, metres
 * @param cos of the angle by which the pattern is turned
 * @param sin of the same angle
 * @param seed of the grain over the pattern
 */
record Paint(
        Pattern pattern,
        double[] first,
        double[] second,
        double period,
        double cos,
        double sin,
        int seed) {
    enum Pattern {
        CHECKS,
        STRIPES,
        BRICKS,
        CLOUDS
    }

    private static final int OCTAVES = 3;

    /**
     * @param angle by which the pattern is turned, radians
     */
    static Paint of(
            Pattern pattern,
            double[] first,
            double[] second,
            double period,
            double angle,
            int seed) {
        return new Paint(pattern, first, second, period, Math.cos(angle), Math.sin(angle), seed);
    }

    /** Adds {@code weight} times the colour at (a, b) to three sums. */
    void add(double a, double b, double weight, double[] sums) {
        double u = (cos * a - sin * b) / period;
        double v = (sin * a + cos * b) / period;
        double share = share(u, v);
        double grain = 0.55 + 0.9 * grain(a / period * 3, b / period * 3);
        for (int c = 0; c < 3; c++) {
            double value = (first[c] + (second[c] - first[c]) * share) * grain;
            sums[c] += weight * Math.min(1, value);
        }
    }

    private double share(double u, double v) {
        return switch (pattern) {
            case CHECKS -> Math.floorMod((long) Math.floor(u) + (long) Math.floor(v), 2L);
            case STRIPES -> Math.floorMod((long) Math.floor(2 * u), 2L);
            case BRICKS -> brick(u, v);
            case CLOUDS -> Math.max(0, Math.min(1, 2.2 * grain(u, v) - 0.6));
        };
    }

    /** Bricks of twice the width of their height, each of its own shade, with mortar between. */
    private double brick(double u, double v) {
        long row = (long) Math.floor(2 * v);
        double along = u + 0.5 * Math.floorMod(row, 2L);
        double inX = along - Math.floor(along);
        double inY = 2 * v - row;
        boolean mortar = inX < 0.06 || inY < 0.12;
        return mortar ? 1 : 0.6 * unit((long) Math.floor(along), row, seed);
    }

    /** Value noise of several octaves, 0..1. */
    private double grain(double u, double v) {
        double sum = 0;
        double weight = 0.5;
        double scale = 1;
        for (int octave = 0; octave < OCTAVES; octave++) {
            sum += weight * noise(u * scale, v * scale, seed + 31 * octave);
            weight /= 2;
            scale *= 2;
        }
        return sum / 0.875;
    }

    private static double noise(double x, double y, int seed) {
        long i = (long) Math.floor(x);
        long j = (long) Math.floor(y);
        double u = smooth(x - i);
        double v = smooth(y - j);
        double top = unit(i, j, seed) * (1 - u) + unit(i + 1, j, seed) * u;
        double bottom = unit(i, j + 1, seed) * (1 - u) + unit(i + 1, j + 1, seed) * u;
        return top * (1 - v) + bottom * v;
    }

    private static double smooth(double t) {
        return t * t * (3 - 2 * t);
    }

    private static double unit(long i, long j, int seed) {
        long h = i * 73856093L ^ j * 19349663L ^ seed * 83492791L;
        h = (h ^ h >>> 17) * 0x9E3779B97F4A7C15L;
        h ^= h >>> 29;
        h *= 0xBF58476D1CE4E5B9L;
        h ^= h >>> 32;
        return (h & 0xffffff) / (double) 0xffffff;
    }
}
