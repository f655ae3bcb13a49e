package dev.reelrank.console.page;

import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.span;
import static j2html.TagCreator.tag;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Curves over steps as a small drawing. Its colours are those of the style sheet. */
final class LineChart {
    private static final double WIDTH = 600;
    private static final double HEIGHT = 160;

    private LineChart() {}

    /**
     * One value at one step.
     *
     * @param value finite
     */
    record Point(double step, double value) {}

    /**
     * Draws curves of one quantity.
     *
     * @param curves by name; at least one with a point
     */
    static DomContent of(String title, Map<String, List<Point>> curves) {
        List<Point> all = curves.values().stream().flatMap(List::stream).toList();
        var x = all.stream().mapToDouble(Point::step).summaryStatistics();
        var y = all.stream().mapToDouble(Point::value).summaryStatistics();
        List<String> names = List.copyOf(curves.keySet());
        return figure(
                        tag("svg")
                                .with(
                                        each(
                                                IntStream.range(0, names.size()).boxed().toList(),
                                                i ->
                                                        line(
                                                                i,
                                                                points(
                                                                        curves.getOrDefault(
                                                                                names.get(i),
                                                                                List.of()),
                                                                        x.getMin(),
                                                                        x.getMax(),
                                                                        y.getMin(),
                                                                        y.getMax()))))
                                .attr("viewBox", "0 0 %.0f %.0f".formatted(WIDTH, HEIGHT))
                                .attr("preserveAspectRatio", "none")
                                .attr("role", "img")
                                .attr(
                                        "aria-label",
                                        "%s from step %.0f to %.0f, between %s and %s"
                                                .formatted(
                                                        title,
                                                        x.getMin(),
                                                        x.getMax(),
                                                        Show.number(y.getMin(), 4),
                                                        Show.number(y.getMax(), 4))),
                        figcaption(
                                text(
                                        "%s, %s to %s. "
                                                .formatted(
                                                        title,
                                                        Show.number(y.getMin(), 4),
                                                        Show.number(y.getMax(), 4))),
                                each(
                                        IntStream.range(0, names.size()).boxed().toList(),
                                        i -> span(names.get(i) + " ").withClass("series-" + i))))
                .withClass("chart");
    }

    private static DomContent line(int index, String points) {
        return tag("polyline").attr("points", points).withClass("series-" + index);
    }

    private static String points(
            List<Point> curve, double left, double right, double bottom, double top) {
        double across = right > left ? WIDTH / (right - left) : 0;
        double up = top > bottom ? (HEIGHT - 8) / (top - bottom) : 0;
        return curve.stream()
                .map(
                        p ->
                                String.format(
                                        Locale.ROOT,
                                        "%.1f,%.1f",
                                        (p.step() - left) * across,
                                        HEIGHT - 4 - (p.value() - bottom) * up))
                .collect(Collectors.joining(" "));
    }
}
