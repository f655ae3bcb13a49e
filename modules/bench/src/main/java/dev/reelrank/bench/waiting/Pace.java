package dev.reelrank.bench.waiting;

import dev.reelrank.pipeline.Sha256;

/**
 * How long a waiting stage takes.
 *
 * @param loadSeconds to load, on the farm's clock
 * @param itemSeconds of one item, the mean
 * @param spread items take between 1 − spread and 1 + spread of the mean, 0..1; which, is decided
 *     by their prompt and seed alone
 * @param speed how many seconds of the farm's clock pass in one real second, above 0
 * @param slowness this worker takes so many times as long, at least 1
 */
public record Pace(
        double loadSeconds, double itemSeconds, double spread, double speed, double slowness) {
    public static final Pace NONE = new Pace(0, 0, 0, 1, 1);

    /** Seconds of the farm's clock that an item takes a worker which is not slow. */
    public double item(String prompt, long seed) {
        var bits = Long.parseUnsignedLong(Sha256.of(prompt + "#" + seed).substring(0, 15), 16);
        var unit = bits / (double) (1L << 60);
        return itemSeconds * (1 + spread * (2 * unit - 1));
    }

    long realNanos(double seconds) {
        return Math.round(seconds * slowness / speed * 1e9);
    }
}
