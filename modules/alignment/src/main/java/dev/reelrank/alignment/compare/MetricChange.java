package dev.reelrank.alignment.compare;

import dev.reelrank.statistics.Interval;

/**
 * One metric over all compared clips.
 *
 * @param base mean of the base with its interval
 * @param adapter mean with the adapter
 * @param difference adapter minus base, clip by clip
 * @param clips that have a finite figure on both sides
 * @param samples that these clips are of
 */
public record MetricChange(
        Interval base, Interval adapter, Interval difference, int clips, int samples) {
    /** The difference as a share of the base's mean; not a number where that is 0. */
    public double relative() {
        return base.mean() == 0 ? Double.NaN : difference.mean() / Math.abs(base.mean());
    }
}
