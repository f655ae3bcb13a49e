package dev.reelrank.evaluation.study;

import dev.reelrank.evaluation.metric.Direction;
import dev.reelrank.evaluation.metric.Metrics;
import java.awt.Color;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.knowm.xchart.AnnotationText;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.RadarChartBuilder;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries.XYSeriesRenderStyle;
import org.knowm.xchart.style.Styler.ChartTheme;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.knowm.xchart.style.markers.SeriesMarkers;

/** The figures of a study. A figure whose numbers were not measured is left out. */
final class Figures {
    private static final List<String> IDENTITY =
            List.of("identity_dinov3", "identity_dinov3_min", "identity_dinov3_masked");
    private static final int HEIGHT = 480;

    /** Apart in brightness too, for who sees few colours (Okabe and Ito 2008). */
    private static final Color[] COLOURS = {
        new Color(0x0072B2), new Color(0xE69F00), new Color(0x009E73), new Color(0xCC79A7),
        new Color(0x56B4E9), new Color(0xD55E00), new Color(0x999999), new Color(0xF0E442)
    };

    private final StudyResult result;
    private final StudyData data;
    private final List<String> names;

    private Figures(StudyResult result) {
        this.result = result;
        this.data = result.data();
        this.names = data.cells().stream().map(Cell::name).toList();
    }

    /** All that can be drawn, in the order in which they tell the story. */
    static List<Figure> of(StudyResult result) {
        var figures = new Figures(result);
        var drawn = new ArrayList<Figure>();
        figures.identityBars(drawn);
        figures.runtime(drawn);
        figures.changes(drawn);
        figures.metrics(drawn);
        figures.radar(drawn);
        figures.composite(drawn);
        figures.ranks(drawn);
        return drawn;
    }

    /** Mean, least and masked identity of every configuration. */
    private void identityBars(List<Figure> drawn) {
        var shown = IDENTITY.stream().filter(this::measuredEverywhere).toList();
        if (shown.isEmpty()) {
            return;
        }
        bars(
                drawn,
                "identity-bars",
                "Identity by DINOv3: mean of all frames, worst frame, and the subject alone",
                shown);
    }

    /**
     * The judged metrics of every configuration: those that end at 1 over the same axis, z-scores
     * of rewards over another.
     */
    private void metrics(List<Figure> drawn) {
        var shown = data.metrics().stream().filter(this::measuredEverywhere).toList();
        var bounded = shown.stream().filter(m -> Metrics.of(m).high() <= 1).toList();
        if (!bounded.isEmpty()) {
            bars(
                    drawn,
                    "metrics",
                    "The metrics of each configuration, means over samples",
                    bounded);
        }
        var rewards = shown.stream().filter(m -> m.startsWith("videoreward")).toList();
        if (!rewards.isEmpty()) {
            bars(drawn, "rewards", "VideoReward's z-scores, means over samples", rewards);
        }
    }

    private void bars(List<Figure> drawn, String file, String caption, List<String> shown) {
        var chart = categories(caption, "mean");
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        var csv = new ArrayList<String>();
        csv.add("configuration," + String.join(",", shown));
        for (String metric : shown) {
            double[] means = means(metric);
            least = Math.min(least, Arrays.stream(means).min().orElse(0));
            most = Math.max(most, Arrays.stream(means).max().orElse(1));
            chart.addSeries(
                    Metrics.of(metric).title(), names, Arrays.stream(means).boxed().toList());
        }
        for (Cell cell : data.cells()) {
            csv.add(
                    cell.name()
                            + shown.stream()
                                    .map(m -> "," + Numbers.csv(cell.mean(m).orElse(Double.NaN)))
                                    .collect(Collectors.joining()));
        }
        // Values of interest lie close together: the axis begins below the lowest, and says so.
        double margin = Math.max(0.005, (most - least) * 0.25);
        double floor = Math.floor((least - margin) * 100) / 100;
        boolean bounded = shown.stream().allMatch(m -> Metrics.of(m).high() <= 1);
        chart.getStyler()
                .setYAxisMin(floor)
                .setYAxisMax(bounded ? Math.min(1, most + margin) : most + margin);
        chart.setYAxisTitle(String.format(Locale.ROOT, "mean (axis from %.2f)", floor));
        drawn.add(Figure.of(file, caption, chart, csv));
    }

    /** What quality costs: seconds per sample against identity; the front is marked. */
    private void runtime(List<Figure> drawn) {
        String metric =
                data.metrics().stream().filter(this::measuredEverywhere).findFirst().orElse(null);
        if (metric == null || data.cells().stream().anyMatch(c -> !(c.secondsEach() > 0))) {
            return;
        }
        var chart =
                new XYChartBuilder()
                        .width(width())
                        .height(HEIGHT)
                        .theme(ChartTheme.Matlab)
                        .title("Runtime against " + Metrics.of(metric).title())
                        .xAxisTitle("seconds per sample")
                        .yAxisTitle(metric)
                        .build();
        plain(chart);
        chart.getStyler().setDefaultSeriesRenderStyle(XYSeriesRenderStyle.Scatter);
        var front = result.pareto(metric);
        var csv = new ArrayList<String>();
        csv.add("configuration,seconds," + metric + ",on the front");
        var groups = List.of(true, false);
        for (boolean onFront : groups) {
            var members =
                    data.cells().stream().filter(c -> front.contains(c.name()) == onFront).toList();
            if (!members.isEmpty()) {
                var series =
                        chart.addSeries(
                                onFront ? "nobody is faster and better" : "others",
                                members.stream().mapToDouble(Cell::secondsEach).toArray(),
                                members.stream()
                                        .mapToDouble(c -> c.mean(metric).orElseThrow())
                                        .toArray());
                series.setMarker(onFront ? SeriesMarkers.CIRCLE : SeriesMarkers.DIAMOND);
                series.setMarkerColor(onFront ? COLOURS[0] : COLOURS[6]);
            }
        }
        double[] values = means(metric);
        double span = span(values);
        double[] seconds = data.cells().stream().mapToDouble(Cell::secondsEach).toArray();
        double wide = Math.max(1e-9, span(seconds));
        for (int i = 0; i < names.size(); i++) {
            chart.addAnnotation(
                    new AnnotationText(names.get(i), seconds[i], values[i] + 0.04 * span, false));
            csv.add(
                    "%s,%s,%s,%s"
                            .formatted(
                                    names.get(i),
                                    Numbers.csv(seconds[i]),
                                    Numbers.csv(values[i]),
                                    front.contains(names.get(i))));
        }
        double low = Arrays.stream(values).min().orElse(0);
        double high = Arrays.stream(values).max().orElse(1);
        chart.getStyler()
                .setYAxisMin(low - 0.1 * span)
                .setYAxisMax(high + 0.15 * span)
                .setXAxisMin(Arrays.stream(seconds).min().orElse(0) - 0.2 * wide)
                .setXAxisMax(Arrays.stream(seconds).max().orElse(1) + 0.2 * wide);
        drawn.add(
                Figure.of(
                        "runtime-vs-" + metric.replace('_', '-'),
                        "What quality costs",
                        chart,
                        csv));
    }

    /** Differences from the baseline, or step by step, with their intervals. */
    private void changes(List<Figure> drawn) {
        var changes = data.incremental() ? result.steps() : result.changes();
        for (String metric : data.metrics().subList(0, Math.min(2, data.metrics().size()))) {
            var shown =
                    changes.stream()
                            .filter(c -> c.metric().equals(metric) && c.difference() != null)
                            .toList();
            if (shown.isEmpty()) {
                continue;
            }
            String title =
                    data.incremental()
                            ? "Step by step: change of " + Metrics.of(metric).title()
                            : "Difference from "
                                    + data.baseline()
                                    + ": "
                                    + Metrics.of(metric).title();
            var chart = categories(title, "difference, 95 % interval");
            var csv = new ArrayList<String>();
            csv.add("configuration,against,difference,low,high,p corrected,verdict");
            var x = new ArrayList<String>();
            var y = new ArrayList<Double>();
            var errors = new ArrayList<Double>();
            for (CellChange change : shown) {
                var interval = Objects.requireNonNull(change.difference()).difference();
                x.add(change.cell());
                y.add(interval.mean());
                errors.add((interval.high() - interval.low()) / 2);
                csv.add(
                        "%s,%s,%s,%s,%s,%s,%s"
                                .formatted(
                                        change.cell(),
                                        change.against(),
                                        Numbers.csv(interval.mean()),
                                        Numbers.csv(interval.low()),
                                        Numbers.csv(interval.high()),
                                        Numbers.csv(change.corrected()),
                                        change.verdict().text()));
            }
            chart.addSeries(metric, x, y, errors);
            // Zero is what the intervals are read against.
            double low = 0;
            double high = 0;
            for (int i = 0; i < y.size(); i++) {
                low = Math.min(low, y.get(i) - errors.get(i));
                high = Math.max(high, y.get(i) + errors.get(i));
            }
            double margin = Math.max(1e-6, 0.08 * (high - low));
            chart.getStyler().setYAxisMin(low - margin).setYAxisMax(high + margin);
            chart.getStyler().setLegendVisible(false);
            chart.getStyler()
                    .setDefaultSeriesRenderStyle(
                            org.knowm.xchart.CategorySeries.CategorySeriesRenderStyle.Scatter);
            drawn.add(
                    Figure.of(
                            (data.incremental() ? "ablation-" : "difference-")
                                    + metric.replace('_', '-'),
                            title,
                            chart,
                            csv));
        }
    }

    /** The best configuration, each metric between the worst (0) and the best (1) of the study. */
    private void radar(List<Figure> drawn) {
        var shown = data.metrics().stream().filter(this::measuredEverywhere).toList();
        if (shown.size() < 3 || names.size() < 2) {
            return;
        }
        var chart =
                new RadarChartBuilder()
                        .width(900)
                        .height(560)
                        .theme(ChartTheme.Matlab)
                        .title(result.best())
                        .build();
        chart.getStyler().setSeriesColors(colours()).setChartBackgroundColor(Color.WHITE);
        chart.getStyler().setLegendPosition(LegendPosition.OutsideS);
        chart.setRadiiLabels(shown.stream().map(m -> Metrics.of(m).title()).toArray(String[]::new));
        var csv = new ArrayList<String>();
        csv.add("configuration," + String.join(",", shown));
        var rows = new ArrayList<>(List.of(result.best()));
        if (!result.best().equals(data.baseline())) {
            rows.add(data.baseline());
        }
        for (String name : rows) {
            int at = names.indexOf(name);
            double[] place = shown.stream().mapToDouble(m -> place(m, at)).toArray();
            Color colour = COLOURS[rows.indexOf(name)];
            // Both can be seen where they lie upon each other.
            chart.addSeries(name, place)
                    .setFillColor(
                            new Color(colour.getRed(), colour.getGreen(), colour.getBlue(), 90));
            csv.add(
                    name
                            + Arrays.stream(place)
                                    .mapToObj(v -> "," + Numbers.csv(v))
                                    .collect(Collectors.joining()));
        }
        drawn.add(
                Figure.of(
                        "radar",
                        "The best configuration by the composite: each metric between the worst"
                                + " (centre) and the best (rim) of this study",
                        chart,
                        csv));
    }

    private double place(String metric, int at) {
        double[] means = means(metric);
        double low = Arrays.stream(means).min().orElseThrow();
        double high = Arrays.stream(means).max().orElseThrow();
        double share = high == low ? 1 : (means[at] - low) / (high - low);
        return Metrics.of(metric).direction() == Direction.LOWER ? 1 - share : share;
    }

    /** All configurations in the order of the composite. */
    private void composite(List<Figure> drawn) {
        if (result.composite().isEmpty()) {
            return;
        }
        var order = result.ranking();
        var chart = categories("Ranking by the composite", "mean z-score of the metrics");
        chart.addSeries("composite", order, order.stream().map(result.composite()::get).toList());
        chart.getStyler().setLegendVisible(false);
        var csv = new ArrayList<String>();
        csv.add("configuration,composite");
        order.forEach(
                n ->
                        csv.add(
                                n
                                        + ","
                                        + Numbers.csv(
                                                Objects.requireNonNull(
                                                        result.composite().get(n)))));
        drawn.add(
                Figure.of(
                        "composite-ranking",
                        "All configurations, the best first. The composite is the mean of z-scores,"
                                + " each metric with equal weight",
                        chart,
                        csv));
    }

    /** Mean ranks over the samples, where there are at least three configurations. */
    private void ranks(List<Figure> drawn) {
        if (names.size() < 3 || result.ranks().isEmpty()) {
            return;
        }
        var chart = categories("Mean ranks over the samples", "mean rank, 1 is best");
        var csv = new ArrayList<String>();
        csv.add("configuration," + String.join(",", result.ranks().keySet()));
        result.ranks()
                .forEach(
                        (metric, ranks) ->
                                chart.addSeries(Metrics.of(metric).title(), names, ranks.ranks()));
        for (int i = 0; i < names.size(); i++) {
            int at = i;
            csv.add(
                    names.get(i)
                            + result.ranks().values().stream()
                                    .map(r -> "," + Numbers.csv(r.ranks().get(at)))
                                    .collect(Collectors.joining()));
        }
        drawn.add(
                Figure.of(
                        "ranks",
                        "Mean rank of each configuration over the samples, by metric",
                        chart,
                        csv));
    }

    private CategoryChart categories(String title, String quantity) {
        var chart =
                new CategoryChartBuilder()
                        .width(width())
                        .height(HEIGHT)
                        .theme(ChartTheme.Matlab)
                        .title(title)
                        .yAxisTitle(quantity)
                        .build();
        plain(chart);
        chart.getStyler().setAvailableSpaceFill(0.8).setOverlapped(false);
        if (names.size() > 4 || names.stream().anyMatch(n -> n.length() > 18)) {
            chart.getStyler().setXAxisLabelRotation(35);
        }
        return chart;
    }

    private static void plain(org.knowm.xchart.internal.chartpart.Chart<?, ?> chart) {
        var styler = (org.knowm.xchart.style.AxesChartStyler) chart.getStyler();
        styler.setSeriesColors(colours());
        styler.setLegendPosition(LegendPosition.OutsideS);
        styler.setChartBackgroundColor(Color.WHITE);
        styler.setPlotGridVerticalLinesVisible(false);
        styler.setYAxisDecimalPattern("0.###");
    }

    private static Color[] colours() {
        return COLOURS.clone();
    }

    private int width() {
        return Math.min(1800, Math.max(760, 90 * names.size() + 200));
    }

    private boolean measuredEverywhere(String metric) {
        return data.cells().stream().allMatch(c -> c.measured(metric) > 0);
    }

    private double[] means(String metric) {
        return data.cells().stream().mapToDouble(c -> c.mean(metric).orElse(Double.NaN)).toArray();
    }

    private static double span(double[] values) {
        double span = Arrays.stream(values).max().orElse(1) - Arrays.stream(values).min().orElse(0);
        return span > 0 ? span : Math.max(1e-6, Math.abs(values[0]) * 0.05);
    }
}
