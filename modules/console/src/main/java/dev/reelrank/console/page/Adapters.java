package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.article;
import static j2html.TagCreator.code;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.h3;
import static j2html.TagCreator.img;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import dev.reelrank.client.AdapterReading;
import dev.reelrank.console.page.LineChart.Point;
import dev.reelrank.pipeline.event.AdapterUpdated;
import dev.reelrank.pipeline.event.ProgressReported;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Trainings that are under way, and adapters with their curves and comparisons. */
final class Adapters {
    /** Which figures of a step are drawn together. */
    private static final Map<String, List<String>> CHARTS = charts();

    private static final String BASE = "base.";
    private static final String ADAPTER = "adapter.";

    private Adapters() {}

    private static Map<String, List<String>> charts() {
        var charts = new LinkedHashMap<String, List<String>>();
        charts.put("Loss", List.of("loss"));
        charts.put("Rewards", List.of("winnerReward", "loserReward"));
        charts.put("Accuracy", List.of("accuracy"));
        return charts;
    }

    static DomContent trainings(Map<String, List<ProgressReported>> trainings) {
        return section(
                h2("Trainings of the last hour"),
                trainings.isEmpty()
                        ? p("No trainer has reported a step.")
                        : div(each(trainings.entrySet(), e -> training(e.getKey(), e.getValue()))));
    }

    private static DomContent training(String name, List<ProgressReported> steps) {
        ProgressReported last = steps.get(steps.size() - 1);
        var parts = new ArrayList<DomContent>();
        parts.add(h3(name));
        parts.add(
                p(
                        "Step %d of %d on %s at %s."
                                .formatted(
                                        last.step(),
                                        last.of(),
                                        last.producer().worker(),
                                        Show.time(last.at()))));
        var drawn = new ArrayList<DomContent>();
        CHARTS.forEach(
                (title, figures) -> {
                    var curves = new LinkedHashMap<String, List<Point>>();
                    for (String figure : figures) {
                        List<Point> points = points(steps, figure);
                        if (!points.isEmpty()) {
                            curves.put(figure, points);
                        }
                    }
                    if (!curves.isEmpty()) {
                        drawn.add(LineChart.of(title, curves));
                    }
                });
        parts.add(div(drawn.toArray(DomContent[]::new)).withClass("charts"));
        return article(parts.toArray(DomContent[]::new));
    }

    private static List<Point> points(List<ProgressReported> steps, String figure) {
        return steps.stream()
                .filter(s -> Double.isFinite(s.figures().getOrDefault(figure, Double.NaN)))
                .map(s -> new Point(s.step(), s.figures().getOrDefault(figure, Double.NaN)))
                .toList();
    }

    static DomContent adapters(List<AdapterUpdated> adapters) {
        return section(
                h2("Adapters"),
                adapters.isEmpty()
                        ? p(
                                text("There is none yet. Train one with "),
                                code("reelrank align"),
                                text(" on pairs from runs and votes."))
                        : div(each(adapters, Adapters::adapter)));
    }

    private static DomContent adapter(AdapterUpdated adapter) {
        var parts = new ArrayList<DomContent>();
        parts.add(h3(adapter.adapter().id()));
        parts.add(
                p(
                        Show.badge(AdapterReading.word(adapter.state())),
                        text(
                                " of %s, %s%s. %s"
                                        .formatted(
                                                adapter.family(),
                                                Show.time(adapter.at()),
                                                adapter.parent() == null
                                                        ? ""
                                                        : ", went on from " + adapter.parent(),
                                                adapter.reason()))));
        parts.add(comparison(adapter));
        parts.add(
                div(each(
                                adapter.curves().entrySet(),
                                c ->
                                        figure(
                                                img().withSrc(Show.media(c.getValue()))
                                                        .withAlt(
                                                                "Curve of the training: "
                                                                        + c.getKey())
                                                        .attr("loading", "lazy"),
                                                figcaption(c.getKey()))))
                        .withClass("charts"));
        parts.add(figures(adapter));
        if (adapter.report() != null) {
            parts.add(
                    p(
                            a("The whole comparison with its videos (zip)")
                                    .withHref(Show.media(adapter.report()))
                                    .attr("download", adapter.adapter().id() + ".zip")));
        }
        return article(parts.toArray(DomContent[]::new)).withClass("adapter");
    }

    /** Base and adapter on the same held-out samples and seeds. */
    private static DomContent comparison(AdapterUpdated adapter) {
        var metrics = new TreeMap<String, Double>();
        adapter.figures()
                .forEach(
                        (name, value) -> {
                            if (name.startsWith(BASE)
                                    && adapter.figures()
                                            .containsKey(ADAPTER + name.substring(BASE.length()))) {
                                metrics.put(name.substring(BASE.length()), value);
                            }
                        });
        if (metrics.isEmpty()) {
            return text("");
        }
        return Wide.of(
                "Comparison of " + adapter.adapter().id() + " with its base",
                table(
                        thead(tr(th("Metric"), th("Base"), th("Adapter"), th("Difference"))),
                        tbody(
                                each(
                                        metrics.entrySet(),
                                        e -> {
                                            Double after =
                                                    adapter.figures().get(ADAPTER + e.getKey());
                                            return tr(
                                                    td(e.getKey()),
                                                    td(Show.number(e.getValue(), 4)),
                                                    td(Show.number(after, 4)),
                                                    td(
                                                            Show.signed(
                                                                    after == null
                                                                            ? null
                                                                            : after - e.getValue(),
                                                                    4)));
                                        }))));
    }

    private static DomContent figures(AdapterUpdated adapter) {
        var own = new TreeMap<>(adapter.figures());
        own.keySet().removeIf(name -> name.startsWith(BASE) || name.startsWith(ADAPTER));
        return own.isEmpty()
                ? text("")
                : details(
                        summary("Figures of the training"),
                        table(
                                tbody(
                                        each(
                                                own.entrySet(),
                                                e ->
                                                        tr(
                                                                td(e.getKey()),
                                                                td(
                                                                        Show.number(
                                                                                e.getValue(),
                                                                                4)))))));
    }
}
