package dev.reelrank.statistics;

import org.apache.commons.statistics.ranking.NaNStrategy;
import org.apache.commons.statistics.ranking.NaturalRanking;
import org.apache.commons.statistics.ranking.TiesStrategy;

/** Whether two figures order things alike. */
public final class Correlation {
    private Correlation() {}

    /**
     * Spearman's rank correlation.
     *
     * @param a finite
     * @param b as many, finite
     * @return −1..1; NaN for fewer than two values, or where all of one side are equal
     */
    public static double spearman(double[] a, double[] b) {
        if (a.length != b.length) {
            throw new IllegalArgumentException(a.length + " values and " + b.length);
        }
        var ranking = new NaturalRanking(NaNStrategy.FAILED, TiesStrategy.AVERAGE);
        return a.length < 2 ? Double.NaN : pearson(ranking.apply(a), ranking.apply(b));
    }

    private static double pearson(double[] a, double[] b) {
        double x = java.util.Arrays.stream(a).average().orElseThrow();
        double y = java.util.Arrays.stream(b).average().orElseThrow();
        double xy = 0;
        double xx = 0;
        double yy = 0;
        for (int i = 0; i < a.length; i++) {
            xy += (a[i] - x) * (b[i] - y);
            xx += (a[i] - x) * (a[i] - x);
            yy += (b[i] - y) * (b[i] - y);
        }
        return xy / Math.sqrt(xx * yy);
    }
}
