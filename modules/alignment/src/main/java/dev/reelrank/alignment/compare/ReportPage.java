package dev.reelrank.alignment.compare;

import java.util.List;
import java.util.Locale;

/** A comparison as a page for a browser: verdict, table, curves, clips; no script, no network. */
final class ReportPage {
    private static final String HEAD =
            """
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><title>%s</title><style>
            body { font: 15px/1.5 sans-serif; margin: 2em auto; max-width: 60em; color: #222 }
            table { border-collapse: collapse } td, th { padding: .25em .9em; text-align: right }
            td:first-child, th:first-child { text-align: left } tr:nth-child(even) { background: #f3f3f3 }
            .accepted { color: #176d2c } .rejected { color: #a3201d } img { max-width: 100%% }
            figure { display: inline-block; margin: .5em } figcaption { font-size: 85%%; color: #555 }
            </style></head><body>
            """;

    private ReportPage() {}

    /**
     * @param curves files of pictures, relative to the page
     * @param clips names of clips side by side
     */
    static String of(ComparisonReport report, List<String> curves, List<String> clips) {
        var page = new StringBuilder();
        String title = report.adapter() + " against " + report.base();
        page.append(HEAD.formatted(escaped(title)));
        page.append("<h1>%s</h1>%n".formatted(escaped(title)));
        page.append(
                "<p class=\"%s\"><b>%s</b>. %s</p>%n"
                        .formatted(
                                report.state(),
                                report.state(),
                                escaped(report.verdict().reason())));
        table(page, report);
        if (!curves.isEmpty()) {
            page.append("<h2>Training</h2>%n".formatted());
            curves.forEach(
                    c -> page.append("<p><img src=\"%1$s\" alt=\"%1$s\"></p>%n".formatted(c)));
        }
        if (!clips.isEmpty()) {
            page.append(
                    "<h2>Clips</h2><p>Left: base. Right: adapter. Equal seeds.</p>%n".formatted());
            clips.forEach(
                    c ->
                            page.append(
                                    "<figure><a href=\"%1$s.mp4\"><img src=\"%1$s.gif\" alt=\"%1$s\"></a><figcaption>%1$s</figcaption></figure>%n"
                                            .formatted(c)));
        }
        return page.append("</body></html>\n").toString();
    }

    private static void table(StringBuilder page, ComparisonReport report) {
        var comparison = report.comparison();
        page.append(
                "<p>%d samples, %d clips per side. Means; the 95 %% interval of the difference by bootstrap over samples.</p>%n"
                        .formatted(comparison.samples(), comparison.clips()));
        page.append(
                "<table><tr><th>metric</th><th>base</th><th>adapter</th><th>change</th><th>difference</th><th>95 %% interval</th></tr>%n"
                        .formatted());
        comparison
                .changes()
                .forEach(
                        (metric, change) ->
                                page.append(
                                        "<tr><td>%s%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s to %s</td></tr>%n"
                                                .formatted(
                                                        escaped(metric),
                                                        role(report.gate(), metric),
                                                        number(change.base().mean()),
                                                        number(change.adapter().mean()),
                                                        percent(change.relative()),
                                                        number(change.difference().mean()),
                                                        number(change.difference().low()),
                                                        number(change.difference().high()))));
        page.append("</table>%n".formatted());
    }

    private static String role(Gate gate, String metric) {
        if (metric.equals(gate.target())) {
            return " (target)";
        }
        return gate.guards().stream().anyMatch(g -> g.metric().equals(metric)) ? " (guard)" : "";
    }

    private static String percent(double share) {
        return Double.isNaN(share) ? "" : String.format(Locale.ROOT, "%+.1f %%", share * 100);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.4g", value);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }
}
