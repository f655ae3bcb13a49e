package dev.reelrank.statistics;

/**
 * A mean with its 95 % interval.
 *
 * @param mean of the values
 * @param low lower end
 * @param high upper end
 */
public record Interval(double mean, double low, double high) {
    /** Whether all of it lies above 0. */
    public boolean above() {
        return low > 0;
    }

    /** Whether all of it lies below 0. */
    public boolean below() {
        return high < 0;
    }
}
