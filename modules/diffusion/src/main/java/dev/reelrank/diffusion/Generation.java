package dev.reelrank.diffusion;

import dev.reelrank.torch.MemoryReport;
import java.util.List;
import java.util.Map;

/**
 * How a video came about.
 *
 * @param timesteps what the model was told at each step
 * @param facts numbers that only the family knows, by name: for Wan {@code switchStep}, the first
 *     step of the low-noise expert
 * @param timings milliseconds by part: denoise, decode
 * @param memory of the device after each part, with the part's own peak
 */
public record Generation(
        List<Double> timesteps,
        Map<String, Double> facts,
        Map<String, Long> timings,
        Map<String, MemoryReport> memory) {
    public Generation {
        timesteps = List.copyOf(timesteps);
        facts = Map.copyOf(facts);
        timings = Map.copyOf(timings);
        memory = Map.copyOf(memory);
    }
}
