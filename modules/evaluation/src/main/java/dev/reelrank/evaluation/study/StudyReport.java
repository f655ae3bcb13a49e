package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.MetricInfo;
import dev.reelrank.evaluation.metric.Metrics;
import dev.reelrank.evaluation.study.Html.Field;
import dev.reelrank.evaluation.study.Html.Shown;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.statistics.AverageRanks;
import dev.reelrank.statistics.Interval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The folder that a study leaves: {@code report.html}, one page that needs nothing else; {@code
 * study.json} and {@code samples.csv}, every figure; {@code figures/}, each as PNG, SVG and CSV.
 */
public final class StudyReport {
    /** Samples with their videos at either end; more would not fit into a mail. */
    private static final int EXAMPLES = 2;

    private final StudyResult result;
    private final StudyData data;
    private final Function<BlobRef, Path> videos;
    private final List<CellChange> regressions;

    /**
     * @param videos a local file of a video
     * @param against the comparison with an earlier study; empty without one
     */
    public StudyReport(
            StudyResult result, Function<BlobRef, Path> videos, List<CellChange> against) {
        this.result = result;
        this.data = result.data();
        this.videos = videos;
        this.regressions = List.copyOf(against);
    }

    /**
     * Writes everything.
     *
     * @return the page
     * @throws StageException OUT_OF_DISK; what reading a video throws
     */
    public Path write(Path folder) {
        try {
            Files.createDirectories(folder);
            data.write(folder.resolve("study.json"));
            Files.writeString(folder.resolve("samples.csv"), SamplesCsv.of(data));
            var figures = Figures.of(result);
            figures.forEach(f -> f.write(folder.resolve("figures")));
            Path scratch = folder.resolve(".scratch");
            String page = page(figures, scratch);
            if (Files.isDirectory(scratch)) {
                try (var files = Files.list(scratch)) {
                    for (Path file : files.toList()) {
                        Files.delete(file);
                    }
                }
                Files.delete(scratch);
            }
            Path written = folder.resolve("report.html");
            Files.writeString(written, page);
            return written;
        } catch (IOException e) {
            throw new StageException(
                    FailureCode.OUT_OF_DISK,
                    "cannot write the report into " + folder + ": " + e.getMessage(),
                    e);
        }
    }

    private String page(List<Figure> figures, Path scratch) {
        var html = new Html(data.name());
        if (!data.question().isBlank()) {
            html.paragraph("lead", data.question());
        }
        html.heading("What was found").list(Summary.of(result));
        if (!result.composite().isEmpty()) {
            html.paragraph(
                    "",
                    "Best by the composite (equal weights): %s. The composite orders; it does not prove."
                            .formatted(result.best()));
        }
        html.heading("Configurations");
        means(html);
        html.heading("Differences from " + data.baseline());
        changes(html, result.changes());
        if (!result.steps().isEmpty()) {
            html.heading("Step by step");
            changes(html, result.steps());
        }
        if (!regressions.isEmpty()) {
            html.heading("Against the earlier study");
            changes(html, regressions);
        }
        ranks(html);
        html.heading("Figures");
        figures.forEach(f -> html.picture(f.data(), f.caption()));
        examples(html, scratch);
        if (!result.notes().isEmpty()) {
            html.heading("Notes").list(result.notes());
        }
        method(html);
        return html.end();
    }

    private void means(Html html) {
        var head = new ArrayList<>(List.of(Field.of("configuration"), Field.text("settings")));
        data.metrics().forEach(m -> head.add(Field.of(Metrics.of(m).title())));
        head.addAll(
                List.of(
                        Field.of("composite"),
                        Field.of("with video"),
                        Field.of("s per sample"),
                        Field.of("GPU s per sample")));
        var rows = new ArrayList<List<Field>>();
        for (Cell cell : data.cells()) {
            var row = new ArrayList<>(List.of(Field.of(cell.name()), Field.text(cell.settings())));
            for (String metric : data.metrics()) {
                row.add(mean(cell, metric));
            }
            Double composite = result.composite().get(cell.name());
            row.add(Field.of(composite == null ? "–" : Numbers.signed(composite)));
            row.add(
                    Field.of(
                            "%d of %d"
                                    .formatted(
                                            cell.samples().size() - cell.failures(),
                                            cell.samples().size())));
            row.add(Field.of(Numbers.seconds(cell.secondsEach())));
            row.add(Field.of(Numbers.seconds(cell.gpuSecondsEach())));
            rows.add(row);
        }
        html.table(head, rows);
        html.paragraph(
                "small",
                "Means over the samples that have a figure. Seconds are those of the work itself,"
                        + " when it was computed in a run of this study; loading is left out.");
    }

    private static Field mean(Cell cell, String metric) {
        var mean = cell.mean(metric);
        if (mean.isEmpty()) {
            return new Field("not measured", "quiet");
        }
        int measured = cell.measured(metric);
        return Field.of(
                Numbers.plain(mean.getAsDouble())
                        + (measured < cell.samples().size()
                                ? " (%d of %d)".formatted(measured, cell.samples().size())
                                : ""));
    }

    private static void changes(Html html, List<CellChange> changes) {
        if (changes.isEmpty()) {
            html.paragraph("quiet", "There is nothing to compare.");
            return;
        }
        var rows = new ArrayList<List<Field>>();
        for (CellChange change : changes) {
            var difference = change.difference();
            Interval d = difference == null ? null : difference.difference();
            rows.add(
                    List.of(
                            Field.of(change.cell()),
                            Field.text(Metrics.of(change.metric()).title()),
                            Field.of(d == null ? "–" : Numbers.signed(d.mean())),
                            Field.of(
                                    d == null
                                            ? "–"
                                            : Numbers.signed(d.low())
                                                    + " to "
                                                    + Numbers.signed(d.high())),
                            Field.of(
                                    difference == null
                                            ? "–"
                                            : Numbers.probability(change.corrected())),
                            Field.of(Numbers.percent(change.winRate())),
                            Field.of("%d of %d".formatted(change.pairs(), change.samples())),
                            new Field(change.verdict().text(), style(change))));
        }
        html.table(
                List.of(
                        Field.of("configuration"),
                        Field.text("metric"),
                        Field.of("difference"),
                        Field.of("95 % interval"),
                        Field.of("p, corrected"),
                        Field.of("wins"),
                        Field.of("pairs"),
                        Field.text("verdict")),
                rows);
    }

    private static String style(CellChange change) {
        return switch (change.verdict().kind()) {
            case BETTER -> "text better";
            case WORSE -> "text worse";
            case UNDECIDED, EQUAL, UNKNOWN -> "text quiet";
        };
    }

    private void ranks(Html html) {
        if (data.cells().size() < 3 || result.ranks().isEmpty()) {
            return;
        }
        html.heading("Mean ranks");
        var head = new ArrayList<>(List.of(Field.of("metric")));
        data.cells().forEach(c -> head.add(Field.of(c.name())));
        head.addAll(List.of(Field.of("p (Friedman)"), Field.text("")));
        var rows = new ArrayList<List<Field>>();
        result.ranks()
                .forEach(
                        (metric, ranks) -> {
                            var row =
                                    new ArrayList<>(List.of(Field.of(Metrics.of(metric).title())));
                            ranks.ranks()
                                    .forEach(
                                            r ->
                                                    row.add(
                                                            Field.of(
                                                                    String.format(
                                                                            Locale.ROOT,
                                                                            "%.2f",
                                                                            r))));
                            row.add(Field.of(Numbers.probability(ranks.p())));
                            row.add(Field.text(apart(ranks)));
                            rows.add(row);
                        });
        html.table(head, rows);
    }

    /** What the ranks prove: usually less than they seem to. */
    private static String apart(AverageRanks ranks) {
        if (Double.isNaN(ranks.criticalDifference())) {
            return "";
        }
        double low = ranks.ranks().stream().min(Comparator.naturalOrder()).orElseThrow();
        double high = ranks.ranks().stream().max(Comparator.naturalOrder()).orElseThrow();
        return String.format(
                Locale.ROOT,
                high - low > ranks.criticalDifference()
                        ? "ranks more than %.2f apart differ (Nemenyi, %d samples)"
                        : "no two differ: they would have to be %.2f apart (Nemenyi, %d samples)",
                ranks.criticalDifference(),
                ranks.samples());
    }

    /** The samples in which the best configuration gains and loses most, with both videos. */
    private void examples(Html html, Path scratch) {
        Cell best = data.cell(result.best());
        Cell baseline =
                best.name().equals(data.baseline()) && data.cells().size() > 1
                        ? data.cell(result.ranking().get(result.ranking().size() - 1))
                        : data.cell(data.baseline());
        boolean alone = best.name().equals(baseline.name());
        String metric = metric(best);
        if (metric == null) {
            return;
        }
        boolean higher =
                Metrics.of(metric).direction() != dev.reelrank.evaluation.metric.Direction.LOWER;
        var gains = new java.util.TreeMap<String, Double>();
        for (StudySample sample : best.samples()) {
            StudySample other = baseline.sample(sample.id());
            Double mine = sample.value(metric);
            Double theirs = other == null ? null : other.value(metric);
            if (mine != null) {
                double gain = alone || theirs == null ? mine : mine - theirs;
                gains.put(sample.id(), higher ? gain : -gain);
            }
        }
        var order = new ArrayList<>(gains.entrySet());
        order.sort(Map.Entry.<String, Double>comparingByValue().reversed());
        html.heading("Best and worst samples");
        html.paragraph(
                "small",
                alone
                        ? "By %s.".formatted(Metrics.of(metric).title())
                        : "By how much %s gains over %s in %s: the two with the largest gain, then the two with the smallest."
                                .formatted(
                                        best.name(), baseline.name(), Metrics.of(metric).title()));
        var shown = new java.util.LinkedHashSet<String>();
        order.stream().limit(EXAMPLES).forEach(e -> shown.add(e.getKey()));
        order.stream()
                .skip(Math.max(0, order.size() - EXAMPLES))
                .forEach(e -> shown.add(e.getKey()));
        for (String id : shown) {
            var row = new ArrayList<Shown>();
            for (Cell cell : alone ? List.of(best) : List.of(best, baseline)) {
                StudySample sample = cell.sample(id);
                if (sample != null && sample.video() != null) {
                    row.add(
                            new Shown(
                                    Previews.data(videos.apply(sample.video()), scratch),
                                    "%s, seed %d: %s"
                                            .formatted(
                                                    cell.name(),
                                                    sample.seed(),
                                                    figure(sample, metric))));
                }
            }
            html.paragraph("", id + ": " + Objects.requireNonNull(best.sample(id)).prompt());
            html.videos(row);
        }
    }

    private static String figure(StudySample sample, String metric) {
        Double value = sample.value(metric);
        return value == null ? "not measured" : metric + " " + Numbers.plain(value);
    }

    private @Nullable String metric(Cell best) {
        return data.metrics().stream().filter(m -> best.measured(m) > 0).findFirst().orElse(null);
    }

    private void method(Html html) {
        html.heading("How the figures were made");
        html.list(
                List.of(
                        "Every configuration is compared with %s sample by sample. The interval of a difference is a 95 %% interval by bootstrap over the samples (10,000 resamples)."
                                .formatted(data.baseline()),
                        "p is that of Student's paired test, corrected for all comparisons of a"
                                + " table together (Holm). A difference is called better or worse at a"
                                + " corrected p of at most 0.05, with an interval clear of zero, and at"
                                + " least 5 pairs.",
                        "\"Needs about N samples\": with so many, a study would see a difference of"
                                + " this size in 8 of 10 cases.",
                        "A failed sample stays in every denominator and loses. What was not"
                                + " measured is no zero; it is left out and named.",
                        "The composite is the mean of z-scores over the configurations of this"
                                + " study, each metric with equal weight. It means nothing outside this"
                                + " study."));
        var rows = new ArrayList<List<Field>>();
        for (String name : data.metrics()) {
            MetricInfo metric = Metrics.of(name);
            rows.add(
                    List.of(
                            Field.of(name),
                            Field.text(metric.formula()),
                            Field.text(String.join(", ", metric.models())),
                            Field.text(metric.source())));
        }
        html.table(
                List.of(
                        Field.of("metric"),
                        Field.text("formula"),
                        Field.text("models"),
                        Field.text("source")),
                rows);
        html.paragraph(
                "small",
                "Runs: "
                        + data.cells().stream()
                                .map(c -> c.name() + " = " + c.run())
                                .collect(java.util.stream.Collectors.joining(", ")));
    }
}
