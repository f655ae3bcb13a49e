package dev.reelrank.statistics;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Intervals of means by resampling (Efron, 1979; percentile intervals of 95 %). What is drawn with
 * replacement are whole samples, each with the values of all its seeds: clips of one sample
 * resemble each other, and an interval that takes them for independent would be too narrow.
 *
 * @param resamples how many, at least 100
 * @param seed of the draws: equal values give equal intervals
 */
public record Bootstrap(int resamples, long seed) {
    private static final double TAIL = 0.025;

    /** 10,000 resamples of seed 1. */
    public static final Bootstrap DEFAULT = new Bootstrap(10_000, 1);

    public Bootstrap {
        if (resamples < 100) {
            throw new IllegalArgumentException(
                    "an interval needs at least 100 resamples, got " + resamples);
        }
    }

    /**
     * The mean of all values.
     *
     * @param samples per sample its values, at least one each; with a single sample the interval
     *     has no width and means nothing
     */
    public Interval mean(List<double[]> samples) {
        if (samples.isEmpty()) {
            throw new IllegalArgumentException("a mean needs at least one sample");
        }
        var sums = new double[samples.size()];
        var counts = new int[samples.size()];
        for (int i = 0; i < sums.length; i++) {
            sums[i] = Arrays.stream(samples.get(i)).sum();
            counts[i] = samples.get(i).length;
        }
        var random = new SplittableRandom(seed);
        var means = new double[resamples];
        for (int r = 0; r < resamples; r++) {
            double sum = 0;
            long count = 0;
            for (int i = 0; i < sums.length; i++) {
                int drawn = random.nextInt(sums.length);
                sum += sums[drawn];
                count += counts[drawn];
            }
            means[r] = sum / count;
        }
        Arrays.sort(means);
        return new Interval(
                Arrays.stream(sums).sum() / Arrays.stream(counts).sum(),
                percentile(means, TAIL),
                percentile(means, 1 - TAIL));
    }

    /** Linear between neighbours, as NumPy's default. */
    private static double percentile(double[] sorted, double share) {
        double at = share * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(sorted.length - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
