package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.KeyParts;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * How the winner is graded.
 *
 * @param weights of the evidence by kind, 0..1, renormalised over what was computed; one of {@link
 *     #EVIDENCE} that is not named weighs 0
 * @param frames representative frames the vision-language model sees, 1..64
 * @param memoryBudgetGib no phase may need more, 0.1..1024
 */
public record GradeConfig(Map<String, Double> weights, int frames, double memoryBudgetGib)
        implements StageConfig, KeyParts {
    /** The kinds of evidence that a grade is made of, in the order they are reported. */
    public static final List<String> EVIDENCE =
            List.of("semantic", "spatial", "benchmark", "preference", "visionReward");

    /** These were components of a record once: their place in input keys stays. */
    private static final List<String> FIRST =
            List.of("semantic", "spatial", "benchmark", "preference", "visionReward");

    public GradeConfig {
        var all = new TreeMap<String, Double>();
        EVIDENCE.forEach(kind -> all.put(kind, 0.0));
        all.putAll(weights);
        all.forEach((kind, weight) -> Check.range("grade.weights." + kind, weight, 0, 1));
        weights = Collections.unmodifiableMap(all);
        Check.range("grade.frames", frames, 1, 64);
        Check.range("grade.memoryBudgetGib", memoryBudgetGib, 0.1, 1024);
    }

    public static GradeConfig defaults() {
        return new GradeConfig(
                Map.of(
                        "semantic", 0.25,
                        "spatial", 0.15,
                        "benchmark", 0.20,
                        "preference", 0.25,
                        "visionReward", 0.15),
                4,
                24);
    }

    /** The same with other weights. */
    public GradeConfig withWeights(Map<String, Double> others) {
        return new GradeConfig(others, frames, memoryBudgetGib);
    }

    @Override
    public Map<String, Object> keyParts() {
        var parts = new LinkedHashMap<String, Object>();
        parts.put("weights", new Weights(weights));
        parts.put("frames", frames);
        parts.put("memoryBudgetGib", memoryBudgetGib);
        return parts;
    }

    /** In input keys: a kind that came after the first counts only if it weighs something. */
    private record Weights(Map<String, Double> byKind) implements KeyParts {
        @Override
        public Map<String, Object> keyParts() {
            var parts = new LinkedHashMap<String, Object>();
            FIRST.forEach(kind -> parts.put(kind, byKind.get(kind)));
            byKind.forEach(
                    (kind, weight) -> {
                        if (weight != 0) {
                            parts.putIfAbsent(kind, weight);
                        }
                    });
            return parts;
        }
    }
}
