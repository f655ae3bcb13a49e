package dev.reelrank.statistics;

import java.util.List;
import org.apache.commons.statistics.distribution.ChiSquaredDistribution;
import org.apache.commons.statistics.ranking.NaNStrategy;
import org.apache.commons.statistics.ranking.NaturalRanking;
import org.apache.commons.statistics.ranking.TiesStrategy;

/**
 * Ranks of several treatments over the same samples, 1 for the best, equal ones share their mean
 * (Demšar 2006, "Statistical comparisons of classifiers over multiple data sets").
 *
 * @param ranks mean rank of each treatment, 1..treatments
 * @param samples how many
 * @param p of Friedman's test: how often ranks would differ so much by chance; 1 where all are
 *     equal
 * @param criticalDifference of Nemenyi's test at 5 %: two treatments whose mean ranks are closer
 *     cannot be told apart; NaN for fewer than 2 or more than 10 treatments
 */
public record AverageRanks(List<Double> ranks, int samples, double p, double criticalDifference) {
    /** The studentized range over √2 at 5 %, for 2, 3, … 10 treatments (Demšar 2006, table 5). */
    private static final double[] NEMENYI = {
        1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164
    };

    public AverageRanks {
        ranks = List.copyOf(ranks);
    }

    /**
     * Ranks.
     *
     * @param samples per sample one finite value for each treatment, at least one sample
     * @param higherIsBetter whether the largest value gets rank 1
     */
    public static AverageRanks of(List<double[]> samples, boolean higherIsBetter) {
        int treatments = samples.get(0).length;
        int n = samples.size();
        var sums = new double[treatments];
        double ties = 0;
        var ranking = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE);
        for (double[] sample : samples) {
            if (sample.length != treatments) {
                throw new IllegalArgumentException(
                        "samples have %d and %d values".formatted(treatments, sample.length));
            }
            double[] ranks = ranking.apply(sample.clone());
            for (int i = 0; i < treatments; i++) {
                sums[i] += higherIsBetter ? treatments + 1 - ranks[i] : ranks[i];
            }
            ties += ties(ranks);
        }
        var means = new java.util.ArrayList<Double>();
        double squares = 0;
        for (double sum : sums) {
            means.add(sum / n);
            squares += sum * sum;
        }
        double k = treatments;
        double statistic = 12 / (n * k * (k + 1)) * squares - 3 * n * (k + 1);
        double correction = 1 - ties / (n * k * (k * k - 1));
        return new AverageRanks(
                means,
                n,
                treatments < 2 || correction <= 0
                        ? 1
                        : ChiSquaredDistribution.of(k - 1)
                                .survivalProbability(statistic / correction),
                criticalDifference(treatments, n));
    }

    private static double criticalDifference(int treatments, int samples) {
        return treatments < 2 || treatments > NEMENYI.length + 1
                ? Double.NaN
                : NEMENYI[treatments - 2]
                        * Math.sqrt(treatments * (treatments + 1) / (6.0 * samples));
    }

    /** The sum of t³ − t over groups of t equal ranks. */
    private static double ties(double[] ranks) {
        double sum = 0;
        for (double rank : ranks) {
            double t = java.util.Arrays.stream(ranks).filter(r -> r == rank).count();
            sum += t * t - 1;
        }
        return sum;
    }
}
