package dev.reelrank.diffusion;

import dev.reelrank.torch.MemoryReport;
import java.util.Map;

/**
 * How a video came about.
 *
 * @param facts numbers that only the family knows, by name: for Wan {@code switchStep}, the first
 *     step of the low-noise expert
 * @param timings milliseconds by part: denoise, decode
 * @param memory of the device after each part, with the part's own peak
 */
public record Generation(
        Map<String, Double> facts, Map<String, Long> timings, Map<String, MemoryReport> memory) {
    public Generation {
        facts = Map.copyOf(facts);
        timings = Map.copyOf(timings);
        memory = Map.copyOf(memory);
    }
}
