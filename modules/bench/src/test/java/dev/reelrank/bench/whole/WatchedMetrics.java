package dev.reelrank.bench.whole;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The metrics that dashboards, alerts and scaling of {@code deploy/} name, against what the
 * processes of a farm export.
 */
final class WatchedMetrics {
    private static final Path CHART = Path.of("../../deploy/helm/reelrank");

    /** A metric of ours or of the JVM, with the labels that it is selected by. */
    private static final Pattern SELECTED =
            Pattern.compile(
                    "\\b((?:reelrank|jvm|process|system|kafka)_[a-z0-9_]+)\\b(?:\\{([^}]*)})?");

    /** A line of Prometheus' text format. */
    private static final Pattern EXPORTED =
            Pattern.compile("(?m)^([a-z][a-z0-9_]+)(?:\\{([^}]*)})? ");

    private static final Pattern LABEL = Pattern.compile("(\\w+) *(?:=~|!~|!=|=)");

    /** Prometheus adds them. */
    private static final Set<String> OF_PROMETHEUS = Set.of("namespace", "pod");

    /** There only while a training runs; StageMetricsTest exports it. */
    private static final Set<String> OF_TRAININGS = Set.of("reelrank_figure");

    private WatchedMetrics() {}

    /** What is named and not exported: metrics, and labels of metrics. */
    static List<String> missing(String scraped) throws IOException {
        Map<String, Set<String>> there = labels(EXPORTED, scraped);
        var missing = new ArrayList<String>();
        labels(SELECTED, named())
                .forEach(
                        (metric, labels) -> {
                            if (OF_TRAININGS.contains(metric)) {
                                return;
                            }
                            if (!there.containsKey(metric)) {
                                missing.add(metric);
                                return;
                            }
                            labels.stream()
                                    .filter(l -> !OF_PROMETHEUS.contains(l))
                                    .filter(l -> !there.get(metric).contains(l))
                                    .forEach(l -> missing.add(metric + "{" + l + "}"));
                        });
        return missing;
    }

    /** How many metrics are named. */
    static int count() throws IOException {
        return labels(SELECTED, named()).size();
    }

    private static String named() throws IOException {
        var files = new ArrayList<Path>();
        files.add(CHART.resolve("files/alerts.yaml"));
        files.add(CHART.resolve("templates/workers.yaml"));
        try (var dashboards = Files.list(CHART.resolve("files/dashboards"))) {
            dashboards.filter(f -> f.toString().endsWith(".json")).sorted().forEach(files::add);
        }
        var text = new StringBuilder();
        for (var file : files) {
            text.append(Files.readString(file)).append('\n');
        }
        // Quotes in JSON, and variables of the chart within selectors.
        return text.toString().replace("\\\"", "\"").replaceAll("\\{\\{[^}]*}}", "");
    }

    private static Map<String, Set<String>> labels(Pattern pattern, String text) {
        var found = new TreeMap<String, Set<String>>();
        pattern.matcher(text)
                .results()
                .forEach(
                        match ->
                                found.computeIfAbsent(match.group(1), m -> new TreeSet<>())
                                        .addAll(names(match.group(2))));
        return found;
    }

    private static Set<String> names(String selector) {
        return selector == null
                ? Set.of()
                : LABEL.matcher(selector)
                        .results()
                        .map(label -> label.group(1))
                        .collect(Collectors.toSet());
    }
}
