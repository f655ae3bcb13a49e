package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.Metrics;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** What stands beside the figures: what could not be compared, and why. */
final class Notes {
    private Notes() {}

    static List<String> of(StudyData data, List<Comparisons.Pair> pairs) {
        var notes = new LinkedHashSet<String>();
        for (Cell cell : data.cells()) {
            for (StudySample sample : cell.samples()) {
                if (sample.hasFailed()) {
                    notes.add(
                            "%s, sample %s: %s. It counts as lost."
                                    .formatted(cell.name(), sample.id(), sample.failure()));
                }
            }
        }
        for (Comparisons.Pair pair : pairs) {
            samples(pair, notes);
            shapes(pair, data, notes);
        }
        var all = new LinkedHashSet<>(data.metrics());
        all.addAll(Metrics.HEADLINE);
        for (String metric : all) {
            missing(metric, data, notes);
        }
        return new ArrayList<>(notes);
    }

    private static void missing(String metric, StudyData data, Set<String> notes) {
        for (Cell cell : data.cells()) {
            String why = cell.whyNot(metric);
            if (why != null && !why.equals(Cell.NOT_ASKED)) {
                notes.add("%s was not measured in %s: %s.".formatted(metric, cell.name(), why));
                return;
            }
        }
    }

    private static void samples(Comparisons.Pair pair, Set<String> notes) {
        var common = Comparisons.common(pair);
        alone(pair.cell(), pair.against(), common, notes);
        alone(pair.against(), pair.cell(), common, notes);
        if (common.isEmpty()) {
            notes.add(
                    "%s and %s have no sample in common: nothing was compared."
                            .formatted(pair.cell().name(), pair.against().name()));
        } else if (common.size() < dev.reelrank.statistics.Verdict.LEAST_PAIRS) {
            notes.add(
                    "%s and %s have %d samples in common: with fewer than %d nothing is called better or worse."
                            .formatted(
                                    pair.cell().name(),
                                    pair.against().name(),
                                    common.size(),
                                    dev.reelrank.statistics.Verdict.LEAST_PAIRS));
        }
    }

    private static void alone(Cell cell, Cell other, List<String> common, Set<String> notes) {
        var alone = new TreeSet<String>();
        cell.samples().forEach(s -> alone.add(s.id()));
        common.forEach(alone::remove);
        if (!alone.isEmpty()) {
            notes.add(
                    "Only %s has, and so not compared with %s: %s."
                            .formatted(cell.name(), other.name(), String.join(", ", alone)));
        }
    }

    private static void shapes(Comparisons.Pair pair, StudyData data, Set<String> notes) {
        for (String id : Comparisons.common(pair)) {
            StudySample one = java.util.Objects.requireNonNull(pair.cell().sample(id));
            StudySample other = java.util.Objects.requireNonNull(pair.against().sample(id));
            if (one.hasFailed() || other.hasFailed()) {
                continue;
            }
            if (one.width() != other.width() || one.height() != other.height()) {
                notes.add(
                        "Videos of %s have %dx%d pixels, those of %s %dx%d: metrics that count pixels are not compared, and learned metrics may prefer one size."
                                .formatted(
                                        pair.cell().name(),
                                        one.width(),
                                        one.height(),
                                        pair.against().name(),
                                        other.width(),
                                        other.height()));
            }
            if (one.frames() != other.frames()) {
                notes.add(
                        "Videos of %s have %d frames, those of %s %d: longer videos drift further."
                                .formatted(
                                        pair.cell().name(),
                                        one.frames(),
                                        pair.against().name(),
                                        other.frames()));
            }
            for (String metric : data.metrics()) {
                boolean both = one.value(metric) != null && other.value(metric) != null;
                if (both && one.version(metric) != other.version(metric)) {
                    notes.add(
                            "%s has version %d in %s and %d in %s, so it is not compared: evaluate again."
                                    .formatted(
                                            Metrics.of(metric).name(),
                                            one.version(metric),
                                            pair.cell().name(),
                                            other.version(metric),
                                            pair.against().name()));
                }
            }
        }
    }
}
