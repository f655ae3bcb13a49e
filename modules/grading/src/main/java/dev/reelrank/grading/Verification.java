package dev.reelrank.grading;

import dev.reelrank.pipeline.stage.GradeResult.Evidence;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the prompt's promises alone come to: the part of the grade that no taste enters.
 *
 * @param semantic 0..1, null if it could not be computed; likewise the others
 * @param promptAdherence the weighted mean of the three, weights renormalised; null if there is
 *     none
 */
public record Verification(
        @Nullable Double semantic,
        @Nullable Double spatial,
        @Nullable Double benchmark,
        @Nullable Double promptAdherence,
        String reasoning) {
    private static final List<EvidenceKind> KINDS =
            List.of(EvidenceKind.SEMANTIC, EvidenceKind.SPATIAL, EvidenceKind.BENCHMARK);

    /**
     * Computes a grade again from its recorded evidence.
     *
     * @param evidence of a grade, by the kinds' ids
     */
    public static Verification of(Map<String, Evidence> evidence, Map<String, Double> weights) {
        Map<EvidenceKind, Finding> findings = new EnumMap<>(EvidenceKind.class);
        double sum = 0;
        double total = 0;
        for (var kind : KINDS) {
            Evidence e = evidence.get(kind.id());
            Double score = e == null ? null : e.score();
            if (e == null || score == null || !e.used()) {
                findings.put(kind, Finding.missing("{}"));
                continue;
            }
            findings.put(kind, Finding.of(score, e.details()));
            sum += kind.weight(weights) * score;
            total += kind.weight(weights);
        }
        Double adherence = total == 0 ? null : Math.min(1, sum / total);
        return new Verification(
                score(findings, EvidenceKind.SEMANTIC),
                score(findings, EvidenceKind.SPATIAL),
                score(findings, EvidenceKind.BENCHMARK),
                adherence,
                Reasoning.ofAdherence(findings, adherence));
    }

    private static @Nullable Double score(Map<EvidenceKind, Finding> findings, EvidenceKind kind) {
        Finding f = findings.get(kind);
        return f == null ? null : f.score();
    }
}
