package dev.reelrank.statistics;

import java.util.Arrays;
import java.util.List;
import org.apache.commons.statistics.inference.TTest;

/**
 * The differences of pairs of measurements: of the same samples, made in two ways. The test
 * supposes that, were the two ways alike, either could as well have got either value of a pair; the
 * differences are then spread evenly around 0.
 *
 * @param pairs how many
 * @param difference mean with its 95 % interval by bootstrap over the pairs, second minus first
 * @param spread standard deviation of the differences (n − 1); 0 for a single pair
 * @param p of Student's paired test, two-sided; 1 for a single pair and where all are equal
 */
public record PairedDifference(int pairs, Interval difference, double spread, double p) {
    /**
     * Compares.
     *
     * @param first finite, at least one
     * @param second as many, finite, in the same order
     */
    public static PairedDifference of(double[] first, double[] second, Bootstrap bootstrap) {
        if (first.length != second.length || first.length == 0) {
            throw new IllegalArgumentException(
                    "no pairs: %d and %d values".formatted(first.length, second.length));
        }
        var differences = new double[first.length];
        for (int i = 0; i < differences.length; i++) {
            differences[i] = second[i] - first[i];
            if (!Double.isFinite(differences[i])) {
                throw new IllegalArgumentException(
                        "pair %d is not finite: %s and %s".formatted(i, first[i], second[i]));
            }
        }
        List<double[]> each = Arrays.stream(differences).mapToObj(d -> new double[] {d}).toList();
        double spread = spread(differences);
        return new PairedDifference(
                differences.length, bootstrap.mean(each), spread, p(differences, spread));
    }

    private static double p(double[] differences, double spread) {
        if (differences.length < 2 || Arrays.stream(differences).allMatch(d -> d == 0)) {
            return 1;
        }
        // All alike and none zero: the test would divide by nothing.
        return spread == 0 ? 0 : TTest.withDefaults().test(differences).getPValue();
    }

    private static double spread(double[] values) {
        if (values.length < 2) {
            return 0;
        }
        double mean = Arrays.stream(values).average().orElseThrow();
        double squares = Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
        return Math.sqrt(squares / (values.length - 1));
    }

    /** Whether every pair is equal. */
    public boolean equal() {
        return difference.mean() == 0 && spread == 0;
    }
}
