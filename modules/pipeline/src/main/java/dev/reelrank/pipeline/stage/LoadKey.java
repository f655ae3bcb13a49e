package dev.reelrank.pipeline.stage;

import java.util.Map;
import java.util.TreeMap;

/**
 * What decides the loaded weights. Two requests may share a batch when their load keys are equal;
 * another key means a reload.
 *
 * @param precision for example {@code fp32}, {@code bf16}, {@code fp8}; recorded in every result
 * @param parts everything else, by name: model, lora, offload …
 */
public record LoadKey(String precision, Map<String, String> parts) {
    public LoadKey {
        parts = Map.copyOf(parts);
    }

    @Override
    public String toString() {
        return precision + new TreeMap<>(parts);
    }
}
