package dev.reelrank.pipeline.event;

import java.util.Map;

/**
 * How a result came to be.
 *
 * @param inputKey under which it is stored
 * @param fingerprint of the model files
 * @param precision of the weights
 * @param deviceKind the chip it was computed on
 * @param reused it was found in the store, nothing was computed
 * @param loadMillis to load the model for this batch, 0 when it was loaded
 * @param runMillis of the batch, divided by its size
 * @param timings milliseconds by part
 * @param limits by model: what the models behind it say they cannot do
 */
public record Computation(
        String inputKey,
        int stageVersion,
        String fingerprint,
        String precision,
        String deviceKind,
        boolean reused,
        long loadMillis,
        long runMillis,
        Map<String, Long> timings,
        Map<String, String> limits) {
    public Computation {
        timings = Map.copyOf(timings);
        limits = Map.copyOf(limits);
    }
}
