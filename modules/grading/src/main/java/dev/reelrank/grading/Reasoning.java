package dev.reelrank.grading;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A grade in words. */
final class Reasoning {
    private Reasoning() {}

    static String of(Map<EvidenceKind, Finding> findings, @Nullable Double score) {
        List<EvidenceKind> used =
                findings.entrySet().stream()
                        .filter(e -> e.getValue().used())
                        .map(Map.Entry::getKey)
                        .sorted(Comparator.comparingDouble(k -> -score(findings, k)))
                        .toList();
        var text = new StringBuilder();
        if (score == null || used.isEmpty()) {
            text.append("No evidence could be computed, so there is no grade.");
        } else {
            text.append("Grade %s at %s.".formatted(Letter.of(score).text(), number(score)));
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
        String missing =
                findings.entrySet().stream()
                        .filter(e -> e.getValue().missing())
                        .map(e -> e.getKey().id())
                        .collect(Collectors.joining(", "));
        if (!missing.isEmpty()) {
            text.append(" Not computed: ")
                    .append(missing)
                    .append("; the other weights were scaled up.");
        }
        return text.toString();
    }

    private static double score(Map<EvidenceKind, Finding> findings, EvidenceKind kind) {
        return Objects.requireNonNull(Objects.requireNonNull(findings.get(kind)).score());
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, "%.2f", v);
    }
}
