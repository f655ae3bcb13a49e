package dev.reelrank.statistics;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Holm's correction for several comparisons (Holm 1979): whoever asks many questions finds
 * something by chance. It holds the probability of one false answer among all at the level of a
 * single one, whatever the dependence among them.
 */
public final class Holm {
    private Holm() {}

    /**
     * Adjusts p-values.
     *
     * @param p 0..1 each, in any order
     * @return in the same order, each at least as large as it was: reject below the usual level
     */
    public static double[] adjusted(double[] p) {
        var adjusted = new double[p.length];
        double least = 0;
        int rank = 0;
        var order =
                IntStream.range(0, p.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> p[i]))
                        .toList();
        for (int i : order) {
            if (!(p[i] >= 0 && p[i] <= 1)) {
                throw new IllegalArgumentException("not a p-value: " + p[i]);
            }
            least = Math.max(least, Math.min(1, p[i] * (p.length - rank)));
            adjusted[i] = least;
            rank++;
        }
        return adjusted;
    }
}
