package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.progress;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import j2html.tags.DomContent;
import java.util.List;

/** Every run, the latest first. */
public final class RunsPage {
    private final Layout layout;
    private final Facts facts;

    public RunsPage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    public String html() {
        List<RunRow> runs = facts.runs();
        return layout.page(
                "Runs",
                "/",
                true,
                h1("Runs"),
                runs.isEmpty() ? Missing.runs(facts) : Wide.of("Runs", list(runs)));
    }

    private static DomContent list(List<RunRow> runs) {
        return table(
                thead(
                        tr(
                                th("Run"),
                                th("Status"),
                                th("Progress"),
                                th("Failed"),
                                th("Mean score"),
                                th("Samples per hour"),
                                th("Device time"),
                                th("Started"))),
                tbody(each(runs, RunsPage::row)));
    }

    private static DomContent row(RunRow run) {
        return tr(
                td(a(run.runId()).withHref(Show.run(run.runId()))),
                td(Show.badge(run.status())),
                td(
                                progress()
                                        .attr("max", "1")
                                        .attr("value", Show.number(run.progress(), 3))
                                        .attr("aria-label", "Progress of " + run.runId()),
                                j2html.TagCreator.text(
                                        " %d of %d"
                                                .formatted(
                                                        run.done() + run.failed(), run.expected())))
                        .withClass("together"),
                td(run.failed() == 0 ? "0" : run.failed() + "")
                        .withClass(run.failed() > 0 ? "bad" : ""),
                td(Show.number(run.meanScore(), 2)),
                td(Show.number(run.perHour(), 1)),
                td(Show.millis(run.computeMillis())),
                td(Show.time(run.openedAt())));
    }
}
