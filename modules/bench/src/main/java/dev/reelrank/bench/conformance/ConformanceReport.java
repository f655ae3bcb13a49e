package dev.reelrank.bench.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * What the command found.
 *
 * @param precision the models computed in
 * @param device they computed on
 * @param fixtures how many
 * @param passed how many of them passed in every part
 * @param parts one row for each part of each kind of model
 * @param failures every finding that does not pass
 * @param broken fixtures that could not be computed, and why
 */
record ConformanceReport(
        String precision,
        String device,
        int fixtures,
        int passed,
        List<Part> parts,
        List<Finding> failures,
        List<Broken> broken) {
    /**
     * @param comparisons how many
     * @param largestError of all
     * @param worst the fixture that it is of
     */
    record Part(
            String kind,
            String part,
            String measure,
            int comparisons,
            double largestError,
            double limit,
            String worst,
            boolean passes) {}

    /** A fixture that ended in an error. */
    record Broken(String fixture, String reason) {}

    static ConformanceReport of(
            String precision, String device, int fixtures, List<Finding> all, List<Broken> broken) {
        var byPart = new TreeMap<String, List<Finding>>();
        for (var finding : all) {
            byPart.computeIfAbsent(finding.kind() + "\0" + finding.part(), key -> new ArrayList<>())
                    .add(finding);
        }
        var failures = all.stream().filter(finding -> !finding.passes()).toList();
        long failed =
                java.util.stream.Stream.concat(
                                failures.stream().map(Finding::fixture),
                                broken.stream().map(Broken::fixture))
                        .distinct()
                        .count();
        return new ConformanceReport(
                precision,
                device,
                fixtures,
                fixtures - (int) failed,
                byPart.values().stream().map(ConformanceReport::part).toList(),
                failures,
                broken);
    }

    private static Part part(List<Finding> findings) {
        // NaN is the largest of all in this order.
        var worst = findings.stream().max(Comparator.comparingDouble(Finding::error)).orElseThrow();
        return new Part(
                worst.kind(),
                worst.part(),
                worst.measure(),
                findings.size(),
                worst.error(),
                worst.limit(),
                worst.fixture(),
                findings.stream().allMatch(Finding::passes));
    }

    boolean passes() {
        return failures.isEmpty() && broken.isEmpty();
    }

    /** A table for people. */
    String table() {
        var text = new StringBuilder();
        text.append(
                "%-8s %-20s %6s %10s %8s  %s%n"
                        .formatted("model", "part", "cases", "error", "limit", "result"));
        for (var part : parts) {
            text.append(
                    String.format(
                            Locale.ROOT,
                            "%-8s %-20s %6d %10.2g %8.2g  %s%n",
                            part.kind,
                            part.part,
                            part.comparisons,
                            part.largestError,
                            part.limit,
                            part.passes ? "passes" : "FAILS, worst in " + part.worst));
        }
        broken.forEach(b -> text.append("%s: %s%n".formatted(b.fixture, b.reason)));
        return text.append(
                        "%d of %d fixtures pass, %s on %s"
                                .formatted(passed, fixtures, precision, device))
                .toString();
    }
}
