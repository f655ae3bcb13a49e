package dev.reelrank.evaluation.metric;

import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;

/**
 * A published figure of a video.
 *
 * @param <S> what must have been seen of the video
 */
public interface Metric<S> {
    /** Its contract. */
    MetricInfo info();

    /** The figure, or why this video has none; never a zero in its place. */
    Measurement measure(S seen);

    /** A figure of this metric. */
    default Measurement value(double value) {
        return Measurement.of(value, info().version());
    }

    /** None, and why. */
    default Measurement not(String reason) {
        return Measurement.not(reason, info().version());
    }
}
