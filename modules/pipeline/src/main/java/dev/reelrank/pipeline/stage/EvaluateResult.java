package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.BlobRef;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the metrics say about a video.
 *
 * @param seed of the candidate
 * @param video that was measured
 * @param measurements by metric; every one that was asked for is there
 * @param width pixels
 * @param height pixels
 * @param frames of the video
 * @param fps frames per second
 */
public record EvaluateResult(
        long seed,
        BlobRef video,
        Map<String, Measurement> measurements,
        int width,
        int height,
        int frames,
        double fps)
        implements StageResult {
    /**
     * One figure, or why there is none.
     *
     * @param value finite; null if it was not measured
     * @param reason why it was not measured, for people; null if it was
     * @param version of the metric: figures of different versions are not comparable
     */
    public record Measurement(@Nullable Double value, @Nullable String reason, int version) {
        public Measurement {
            if ((value == null) == (reason == null)) {
                throw new IllegalArgumentException(
                        "a measurement has a value or a reason: " + value + ", " + reason);
            }
            if (value != null && !Double.isFinite(value)) {
                throw new IllegalArgumentException("a measurement is finite, was " + value);
            }
        }

        /** A figure; one that is not finite counts as not measured. */
        public static Measurement of(double value, int version) {
            return Double.isFinite(value)
                    ? new Measurement(value, null, version)
                    : not("the formula gives " + value + " for this video", version);
        }

        /** None. */
        public static Measurement not(String reason, int version) {
            return new Measurement(null, reason, version);
        }
    }

    public EvaluateResult {
        measurements = Collections.unmodifiableMap(new TreeMap<>(measurements));
    }

    @Override
    public List<BlobRef> blobs() {
        return List.of();
    }
}
