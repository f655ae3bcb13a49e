package dev.reelrank.grading;

import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Evidence into one grade: {@code score = Σ weight·score ÷ Σ weight} over what is used, so that
 * what is missing neither counts as zero nor as perfect.
 *
 * @param score 0..1, null if nothing is used
 * @param letter null if nothing is used
 * @param partial some evidence could not be computed
 * @param evidence all five kinds, by their ids
 * @param reasoning a sentence or two: the strongest and the weakest evidence, and what is missing
 */
public record Synthesis(
        @Nullable Double score,
        @Nullable Letter letter,
        boolean partial,
        Map<String, Evidence> evidence,
        String reasoning) {

    /** Weighs the findings; a kind without a finding counts as missing. */
    public static Synthesis of(Map<EvidenceKind, Finding> findings, Map<String, Double> weights) {
        double sum = 0;
        double total = 0;
        boolean partial = false;
        Map<String, Evidence> evidence = new LinkedHashMap<>();
        Map<EvidenceKind, Finding> all = new LinkedHashMap<>();
        for (var kind : EvidenceKind.values()) {
            Finding f =
                    findings.getOrDefault(kind, Finding.missing("{\"missing\":\"not computed\"}"));
            double weight = kind.weight(weights);
            all.put(kind, f);
            evidence.put(kind.id(), new Evidence(f.score(), weight, f.used(), f.details()));
            partial |= f.missing() && weight > 0;
            Double s = f.score();
            if (f.used() && s != null) {
                sum += weight * s;
                total += weight;
            }
        }
        if (total == 0) {
            return new Synthesis(null, null, true, evidence, Reasoning.of(all, null));
        }
        // Rounding may lead a hair out of the range.
        double score = Math.min(1, Math.max(0, sum / total));
        return new Synthesis(score, Letter.of(score), partial, evidence, Reasoning.of(all, score));
    }
}
