package dev.reelrank.alignment.compare;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;

/**
 * A metric that must not get worse while the target gets better.
 *
 * @param metric its name
 * @param higherIsBetter its direction
 * @param tolerance how much worse its mean may get, at least 0
 * @param relative whether the tolerance is a share of the base's mean, else in the metric's unit
 */
public record Guard(String metric, boolean higherIsBetter, double tolerance, boolean relative) {
    public Guard {
        if (!(tolerance >= 0) || Double.isInfinite(tolerance)) {
            throw new StageException(
                    FailureCode.INVALID_CONFIG,
                    "the tolerance of the guard '%s' is %s; it must be a number of at least 0"
                            .formatted(metric, tolerance));
        }
    }

    /** Motion may fall by this share of the base's: a still video is the steadiest of all. */
    public static Guard motion(double share) {
        return new Guard(ClipMetrics.MOTION, true, share, true);
    }

    /** By how much the metric got worse, in the unit of the tolerance; negative if better. */
    double loss(MetricChange change) {
        double change1 = relative ? change.relative() : change.difference().mean();
        // Without any of it in the base nothing can be lost.
        double gained = Double.isNaN(change1) ? Math.max(0, change.difference().mean()) : change1;
        return higherIsBetter ? -gained : gained;
    }
}
