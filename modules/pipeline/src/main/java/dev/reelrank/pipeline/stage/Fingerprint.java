package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.Sha256;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the weights behind a load key contain.
 *
 * @param sha256 64 hex digits over all parts; part of every input key
 * @param parts by file or LoRA: the hash that was taken, for people who compare two runs
 */
public record Fingerprint(String sha256, Map<String, String> parts) {
    public Fingerprint {
        parts = Map.copyOf(parts);
    }

    public static Fingerprint of(Map<String, String> parts) {
        return new Fingerprint(Sha256.of(new TreeMap<>(parts).toString()), parts);
    }
}
