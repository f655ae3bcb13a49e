package dev.reelrank.grading;

import dev.reelrank.grading.gate.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A grade in words. */
final class Reasoning {
    private Reasoning() {}

    static String of(
            Map<EvidenceKind, Finding> findings,
            @Nullable Double score,
            @Nullable Letter letter,
            Verdict verdict) {
        String decision =
                " Decision: %s, because %s.".formatted(verdict.decision().id(), verdict.because());
        if (score == null || letter == null) {
            return text(
                    "No evidence could be computed, so there is no grade." + decision, findings);
        }
        String capped =
                letter == Letter.of(score)
                        ? ""
                        : " (the score alone would be %s)".formatted(Letter.of(score).text());
        return text(
                "Grade %s at %s%s.".formatted(letter.text(), number(score), capped) + decision,
                findings);
    }

    static String ofAdherence(Map<EvidenceKind, Finding> findings, @Nullable Double score) {
        return text(
                score == null
                        ? "No evidence could be computed."
                        : "The video keeps to the prompt at %s.".formatted(number(score)),
                findings);
    }

    private static String text(String head, Map<EvidenceKind, Finding> findings) {
        List<EvidenceKind> used =
                findings.entrySet().stream()
                        .filter(e -> e.getValue().used())
                        .map(Map.Entry::getKey)
                        .sorted(Comparator.comparingDouble(k -> -score(findings, k)))
                        .toList();
        var text = new StringBuilder(head);
        if (!used.isEmpty()) {
            EvidenceKind best = used.get(0);
            text.append(
                    " Strongest: %s, %s (%s)."
                            .formatted(best.topic(), best.id(), number(score(findings, best))));
            if (used.size() > 1) {
                EvidenceKind worst = used.get(used.size() - 1);
                text.append(
                        " Weakest: %s, %s (%s)."
                                .formatted(
                                        worst.topic(), worst.id(), number(score(findings, worst))));
            }
        }
        String missing = ids(findings, f -> f.missing() && !f.used());
        if (!missing.isEmpty()) {
            text.append(" Not computed: ")
                    .append(missing)
                    .append("; the other weights were scaled up.");
        }
        String inPart = ids(findings, f -> f.missing() && f.used());
        if (!inPart.isEmpty()) {
            text.append(" Computed in part: ").append(inPart).append(".");
        }
        return text.toString();
    }

    private static String ids(Map<EvidenceKind, Finding> findings, Predicate<Finding> which) {
        return findings.entrySet().stream()
                .filter(e -> which.test(e.getValue()))
                .map(e -> e.getKey().id())
                .collect(Collectors.joining(", "));
    }

    private static double score(Map<EvidenceKind, Finding> findings, EvidenceKind kind) {
        return Objects.requireNonNull(Objects.requireNonNull(findings.get(kind)).score());
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }
}
