package dev.reelrank.alignment.pairs;

import dev.reelrank.pipeline.BlobRef;
import java.util.Map;
import java.util.Objects;

/**
 * A candidate with everything that was measured on it.
 *
 * @param seed of its noise
 * @param video the encoded candidate
 * @param metrics values by name, for example {@code composite}; only finite ones count
 */
public record JudgedVideo(long seed, BlobRef video, Map<String, Double> metrics) {
    public JudgedVideo {
        Objects.requireNonNull(video, "video is null");
        metrics = Map.copyOf(metrics);
    }
}
