package dev.reelrank.grading;

import dev.reelrank.grading.gate.Verdict;
import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

    /** The evidence as it is recorded: all five kinds, by their ids. */
    public static Map<String, Evidence> evidence(
            Map<EvidenceKind, Finding> findings, Map<String, Double> weights) {
        Map<String, Evidence> evidence = new LinkedHashMap<>();
        all(findings)
                .forEach(
                        (kind, f) ->
                                evidence.put(
                                        kind.id(),
                                        new Evidence(
                                                f.score(),
                                                kind.weight(weights),
                                                f.used(),
                                                f.details())));
        return evidence;
    }

    private static Map<EvidenceKind, Finding> all(Map<EvidenceKind, Finding> findings) {
        Map<EvidenceKind, Finding> all = new LinkedHashMap<>();
        for (var kind : EvidenceKind.values()) {
            all.put(
                    kind,
                    findings.getOrDefault(kind, Finding.missing("{\"missing\":\"not computed\"}")));
        }
        return all;
    }

    /**
     * Weighs the findings; a kind without a finding counts as missing.
     *
     * @param verdict what the gate decided; the letter does not contradict it
     */
    public static Synthesis of(
            Map<EvidenceKind, Finding> findings, Map<String, Double> weights, Verdict verdict) {
        double sum = 0;
        double total = 0;
        boolean partial = false;
        Map<EvidenceKind, Finding> all = all(findings);
        Map<String, Evidence> evidence = evidence(findings, weights);
        for (var kind : EvidenceKind.values()) {
            Finding f = Objects.requireNonNull(all.get(kind));
            double weight = kind.weight(weights);
            partial |= f.missing() && weight > 0;
            Double s = f.score();
            if (f.used() && s != null) {
                sum += weight * s;
                total += weight;
            }
        }
        if (total == 0) {
            return new Synthesis(
                    null, null, true, evidence, Reasoning.of(all, null, null, verdict));
        }
        // Rounding may lead a hair out of the range.
        double score = Math.min(1, Math.max(0, sum / total));
        Letter letter = Letter.of(score, verdict.decision(), isBlind(all));
        return new Synthesis(
                score, letter, partial, evidence, Reasoning.of(all, score, letter, verdict));
    }

    /** Whether it is not known how the video keeps to the prompt. */
    private static boolean isBlind(Map<EvidenceKind, Finding> findings) {
        return List.of(EvidenceKind.SEMANTIC, EvidenceKind.SPATIAL).stream()
                .map(findings::get)
                .anyMatch(f -> f == null || !f.used());
    }
}
