package dev.reelrank.pipeline.config;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.KeyParts;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How the winner is graded.
 *
 * @param weights of the evidence by kind, 0..1, renormalised over what was computed; one of {@link
 *     #EVIDENCE} that is not named weighs 0
 * @param frames representative frames the vision-language model sees, 1..64
 * @param memoryBudgetGib no phase may need more, 0.1..1024
 * @param preference what the preference evidence comes from
 */
public record GradeConfig(
        Map<String, Double> weights, int frames, double memoryBudgetGib, Preference preference)
        implements StageConfig, KeyParts {
    /**
     * What says whether people would prefer a video.
     *
     * @param model {@code head}: a linear model on the features of frozen models; {@code vlm}: the
     *     vision-language model with an adapter that learned from selections
     * @param adapter of the vision-language model, {@code adapter:NAME@VERSION}; null with {@code
     *     head}
     * @param files of the adapter by network; found when the samples are submitted
     * @param base fingerprint of the vision-language model that the adapter belongs to; null if
     *     unknown
     */
    public record Preference(
            String model,
            @Nullable String adapter,
            Map<String, BlobRef> files,
            @Nullable String base) {
        /** A linear model on the features of frozen models. */
        public static final String HEAD = "head";

        /** The vision-language model with an adapter. */
        public static final String VLM = "vlm";

        public Preference {
            Check.that(
                    model.equals(HEAD) || model.equals(VLM),
                    "grade.preference.model",
                    model,
                    "head or vlm");
            Check.that(
                    model.equals(VLM) == (adapter != null),
                    "grade.preference.adapter",
                    adapter,
                    "set with the model vlm, for example adapter:taste@accepted, and only with it");
            Check.that(
                    adapter == null || adapter.startsWith(CandidateConfig.Lora.ADAPTER),
                    "grade.preference.adapter",
                    adapter,
                    "the name of an adapter of the farm, for example adapter:taste@accepted");
            files = files == null ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(files));
        }

        /** The linear model. */
        public static Preference head() {
            return new Preference(HEAD, null, Map.of(), null);
        }

        /** Whether the vision-language model judges. */
        public boolean byVlm() {
            return model.equals(VLM);
        }
    }

    /** With the linear preference model. */
    public GradeConfig(Map<String, Double> weights, int frames, double memoryBudgetGib) {
        this(weights, frames, memoryBudgetGib, Preference.head());
    }

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
        // Null in what was written before there was a choice.
        preference = preference == null ? Preference.head() : preference;
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
        return new GradeConfig(others, frames, memoryBudgetGib, preference);
    }

    /** The same with other preference evidence. */
    public GradeConfig withPreference(Preference other) {
        return new GradeConfig(weights, frames, memoryBudgetGib, other);
    }

    @Override
    public Map<String, Object> keyParts() {
        var parts = new LinkedHashMap<String, Object>();
        parts.put("weights", new Weights(weights));
        parts.put("frames", frames);
        parts.put("memoryBudgetGib", memoryBudgetGib);
        if (preference.byVlm()) {
            // The version's name says nothing that its files do not.
            parts.put("preference", preference.files());
        }
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
