package dev.reelrank.statistics;

import java.util.OptionalInt;
import org.apache.commons.statistics.distribution.NormalDistribution;

/** How many samples it takes to see a difference. */
public final class SampleSize {
    /** A study that is to see a difference sees it in so many of ten cases. */
    public static final double POWER = 0.8;

    private static final int MOST = 1_000_000;

    private SampleSize() {}

    /**
     * Samples with which a paired test sees a difference of this size, with a power of 0.8: {@code
     * ((z(1 − α/2) + z(power)) · spread / mean)²}, and {@code z(1 − α/2)² / 2} more because the
     * spread is estimated too (Guenther 1981).
     *
     * @param mean of the differences, not 0
     * @param spread standard deviation of the differences, at least 0
     * @param level of the test, two-sided; divided by the number of comparisons where there are
     *     several
     * @return at least 2; empty where no study of a reasonable size would see it
     */
    public static OptionalInt toSee(double mean, double spread, double level) {
        var normal = NormalDistribution.of(0, 1);
        double two = normal.inverseSurvivalProbability(level / 2);
        double power = normal.inverseCumulativeProbability(POWER);
        double n = Math.pow((two + power) * spread / mean, 2) + two * two / 2;
        return Double.isFinite(n) && n <= MOST
                ? OptionalInt.of(Math.max(2, (int) Math.ceil(n)))
                : OptionalInt.empty();
    }
}
