package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.li;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.progress;
import static j2html.TagCreator.select;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import dev.reelrank.console.facts.SampleRow;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.event.SampleFailure;
import j2html.tags.DomContent;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The samples of a run as a gallery. */
public final class RunPage {
    private final Layout layout;
    private final Facts facts;

    public RunPage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    /**
     * The page as HTML.
     *
     * @param query parameters of the address by name: status, grade, seed, text, sort, page
     * @throws Problem 404 if there is no such run
     */
    public String html(String runId, Function<String, @Nullable String> query) {
        RunRow run = facts.runRow(runId).orElseThrow(() -> Missing.run(facts, runId));
        var filter = Filter.of(query);
        List<SampleRow> all = facts.samples(runId);
        List<SampleRow> chosen = filter.choose(all);
        int last = Math.max(0, chosen.size() - 1) / Filter.PAGE_SIZE;
        filter = filter.at(Math.min(last, filter.page()));
        int from = filter.page() * Filter.PAGE_SIZE;
        int to = Math.min(chosen.size(), from + Filter.PAGE_SIZE);
        return layout.page(
                runId,
                "/",
                true,
                h1(runId),
                summary(run),
                choose(filter, all),
                chosen.isEmpty()
                        ? p(
                                all.isEmpty()
                                        ? "No sample of this run has been taken in yet."
                                        : "No sample of this run fits the choice.")
                        : ul(each(chosen.subList(from, to), row -> card(runId, row)))
                                .withClass("gallery"),
                pages(filter, from, to, chosen.size()));
    }

    private static DomContent summary(RunRow run) {
        return p(
                        Show.badge(run.status()),
                        text(" "),
                        progress()
                                .attr("max", "1")
                                .attr("value", Show.number(run.progress(), 3))
                                .attr("aria-label", "Progress of the run"),
                        text(
                                " %d of %d samples, %d failed, mean score %s, %s of device time "
                                        .formatted(
                                                run.done() + run.failed(),
                                                run.expected(),
                                                run.failed(),
                                                Show.number(run.meanScore(), 2),
                                                Show.millis(run.computeMillis()))),
                        a("Vote on its videos").withHref("/arena?run=" + Show.part(run.runId())),
                        text(" "),
                        a("Compare with another run")
                                .withHref("/compare?a=" + Show.part(run.runId())))
                .withClass("summary");
    }

    private static DomContent choose(Filter filter, List<SampleRow> all) {
        return form(
                        choice(
                                "Status",
                                "status",
                                filter.status(),
                                List.copyOf(Filter.statuses(all).keySet())),
                        choice("Grade", "grade", filter.grade(), Filter.grades(all)),
                        choice("Winner", "seed", filter.seed(), Filter.seeds(all)),
                        label(
                                text("Words "),
                                input().withName("text")
                                        .withType("search")
                                        .withValue(filter.text())),
                        label(
                                text("Sort by "),
                                select(
                                                each(
                                                        Filter.sorts(all),
                                                        s ->
                                                                option(s)
                                                                        .withValue(s)
                                                                        .withCondSelected(
                                                                                s.equals(
                                                                                        filter
                                                                                                .sort()))))
                                        .withName("sort")),
                        button("Show").withType("submit"))
                .withMethod("get")
                .withClass("choose");
    }

    private static DomContent choice(
            String title, String name, @Nullable String chosen, List<String> values) {
        return label(
                text(title + " "),
                select(
                                option("all").withValue(""),
                                each(
                                        values,
                                        v ->
                                                option(v)
                                                        .withValue(v)
                                                        .withCondSelected(v.equals(chosen))))
                        .withName(name));
    }

    private static DomContent card(String runId, SampleRow row) {
        var link =
                a(Show.poster(row)).withHref(Show.sample(runId, row.sampleId())).withClass("frame");
        if (row.video() != null) {
            link.attr("data-video", Show.media(row.video()));
        }
        return li(
                link,
                h2(a(row.sampleId()).withHref(Show.sample(runId, row.sampleId()))),
                p(
                        Show.badge(row.status()),
                        iff(row.grade() != null, span("grade " + row.grade()).withClass("grade")),
                        text(" "),
                        span(row.composite() == null
                                        ? "%d of %d candidates"
                                                .formatted(row.candidates(), row.expected())
                                        : "%s, seed %d"
                                                .formatted(
                                                        Show.number(row.composite(), 3),
                                                        row.seed()))
                                .withClass("together")),
                iff(!row.failures().isEmpty(), failure(runId, row)));
    }

    private static DomContent failure(String runId, SampleRow row) {
        SampleFailure last =
                row.failures().isEmpty() ? null : row.failures().get(row.failures().size() - 1);
        if (last == null) {
            return text("");
        }
        return div(
                p(last.stage().id() + ": " + last.code() + ". " + last.message()).withClass("bad"),
                Actions.retry(runId, row.sampleId()));
    }

    private static DomContent pages(Filter filter, int from, int to, int all) {
        return nav(
                        iff(
                                filter.page() > 0,
                                a("Previous").withHref(filter.query(filter.page() - 1))),
                        text(all == 0 ? "" : " %d to %d of %d ".formatted(from + 1, to, all)),
                        iff(to < all, a("Next").withHref(filter.query(filter.page() + 1))))
                .attr("aria-label", "Pages of the gallery")
                .withClass("pages");
    }
}
