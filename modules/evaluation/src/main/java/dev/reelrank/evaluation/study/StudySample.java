package dev.reelrank.evaluation.study;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.stage.EvaluateResult;
import dev.reelrank.pipeline.stage.EvaluateResult.Measurement;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One sample under one configuration.
 *
 * @param id of the sample
 * @param prompt the original one
 * @param failure why there is no video or no evaluation; null if there is
 * @param seed of the video
 * @param video that was measured; null without one
 * @param figures by metric; empty if it failed
 * @param width pixels, 0 without a video
 * @param height pixels, 0 without a video
 * @param frames of the video, 0 without one
 * @param seconds that all work on it took when it was computed, loading left out; not a number
 *     where that is not known
 * @param gpuSeconds of these, on GPUs
 */
public record StudySample(
        String id,
        String prompt,
        @Nullable String failure,
        long seed,
        @Nullable BlobRef video,
        Map<String, Measurement> figures,
        int width,
        int height,
        int frames,
        double seconds,
        double gpuSeconds) {
    public StudySample {
        figures = Collections.unmodifiableMap(new TreeMap<>(figures));
    }

    /** One that was evaluated. */
    public static StudySample of(
            String id, String prompt, EvaluateResult result, double seconds, double gpuSeconds) {
        return new StudySample(
                id,
                prompt,
                null,
                result.seed(),
                result.video(),
                result.measurements(),
                result.width(),
                result.height(),
                result.frames(),
                seconds,
                gpuSeconds);
    }

    /** One that failed: it stays in every denominator. */
    public static StudySample failed(String id, String prompt, String why) {
        return new StudySample(id, prompt, why, 0, null, Map.of(), 0, 0, 0, 0, 0);
    }

    /** Whether it has no figures. */
    public boolean hasFailed() {
        return failure != null;
    }

    /** The value of a metric; null if it was not measured. */
    public @Nullable Double value(String metric) {
        Measurement figure = figures.get(metric);
        return figure == null ? null : figure.value();
    }

    int version(String metric) {
        Measurement figure = figures.get(metric);
        return figure == null ? 0 : figure.version();
    }
}
