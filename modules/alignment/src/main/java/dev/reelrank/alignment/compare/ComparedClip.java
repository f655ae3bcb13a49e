package dev.reelrank.alignment.compare;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The figures of two clips with equal noise: one of the base, one with the adapter.
 *
 * @param sample id of the held-out sample
 * @param seed of both
 * @param base figures by metric
 * @param adapter the same
 */
public record ComparedClip(
        String sample, long seed, Map<String, Double> base, Map<String, Double> adapter) {
    public ComparedClip {
        base = Collections.unmodifiableMap(new LinkedHashMap<>(base));
        adapter = Collections.unmodifiableMap(new LinkedHashMap<>(adapter));
        if (!base.keySet().equals(adapter.keySet())) {
            throw new IllegalArgumentException(
                    "clips of sample %s, seed %d, have different figures: %s and %s"
                            .formatted(sample, seed, base.keySet(), adapter.keySet()));
        }
    }
}
