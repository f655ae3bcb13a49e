package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.statistics.Verdict;
import dev.reelrank.statistics.Verdict.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** What a study found, in sentences. */
public final class Summary {
    private Summary() {}

    /** One sentence per configuration that was compared, in the order of the study. */
    public static List<String> of(StudyResult result) {
        var sentences = new ArrayList<String>();
        for (Cell cell : result.data().cells()) {
            var mine = result.changes().stream().filter(c -> c.cell().equals(cell.name())).toList();
            if (!mine.isEmpty()) {
                sentences.add(sentence(cell.name(), mine));
            }
        }
        return sentences;
    }

    private static String sentence(String cell, List<CellChange> changes) {
        var parts = new ArrayList<String>();
        for (Kind kind : List.of(Kind.BETTER, Kind.WORSE)) {
            var some = changes.stream().filter(c -> c.verdict().kind() == kind).toList();
            if (!some.isEmpty()) {
                parts.add(
                        (kind == Kind.BETTER ? "better in " : "worse in ")
                                + some.stream()
                                        .map(Summary::change)
                                        .collect(Collectors.joining(", ")));
            }
        }
        var undecided = changes.stream().filter(c -> c.verdict().kind() == Kind.UNDECIDED).toList();
        if (!undecided.isEmpty()) {
            parts.add(
                    "cannot be told apart in "
                            + undecided.stream()
                                    .map(Summary::undecided)
                                    .collect(Collectors.joining(", ")));
        }
        var equal = changes.stream().filter(c -> c.verdict().kind() == Kind.EQUAL).toList();
        if (!equal.isEmpty()) {
            parts.add("equal in " + names(equal));
        }
        var unknown = changes.stream().filter(c -> c.verdict().kind() == Kind.UNKNOWN).toList();
        if (!unknown.isEmpty()) {
            parts.add("not measured in " + names(unknown));
        }
        return "%s against %s: %s."
                .formatted(cell, changes.get(0).against(), String.join("; ", parts));
    }

    private static String names(List<CellChange> changes) {
        return changes.stream()
                .map(c -> Metrics.of(c.metric()).title())
                .collect(Collectors.joining(", "));
    }

    private static String change(CellChange change) {
        return Metrics.of(change.metric()).title() + " " + change.words();
    }

    private static String undecided(CellChange change) {
        Verdict verdict = change.verdict();
        Integer samples = verdict.needed();
        String needed = samples == null ? "" : " (needs about %d samples)".formatted(samples);
        return Metrics.of(change.metric()).title() + needed;
    }
}
