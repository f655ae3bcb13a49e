package dev.reelrank.console.page;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * The mean of paired differences with its 95 % interval: the 2.5th and 97.5th percentile of the
 * means of 2,000 resamples (Efron's percentile bootstrap), drawn from a fixed seed.
 */
record PairedMean(double mean, double low, double high) {
    private static final int RESAMPLES = 2_000;
    private static final long SEED = 20_260_101;

    /**
     * @param differences at least one
     */
    static PairedMean of(List<Double> differences) {
        double[] values = differences.stream().mapToDouble(Double::doubleValue).toArray();
        var random = new SplittableRandom(SEED);
        double[] means = new double[RESAMPLES];
        for (int i = 0; i < RESAMPLES; i++) {
            double sum = 0;
            for (int j = 0; j < values.length; j++) {
                sum += values[random.nextInt(values.length)];
            }
            means[i] = sum / values.length;
        }
        Arrays.sort(means);
        return new PairedMean(
                Arrays.stream(values).average().orElseThrow(),
                means[(int) Math.floor(0.025 * (RESAMPLES - 1))],
                means[(int) Math.ceil(0.975 * (RESAMPLES - 1))]);
    }
}
