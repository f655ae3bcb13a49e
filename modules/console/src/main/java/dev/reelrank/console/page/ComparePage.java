package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.select;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import dev.reelrank.client.results.SampleView;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import dev.reelrank.console.facts.SampleRow;
import dev.reelrank.console.page.Player.Clip;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.stage.CandidateResult;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Two runs, sample by sample: the differences of their samples, and both winners in one player. */
public final class ComparePage {
    private final Layout layout;
    private final Facts facts;

    public ComparePage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    /** A sample that has a video in both runs. */
    private record Both(SampleRow a, SampleRow b) {
        @Nullable Double difference(Function<SampleRow, @Nullable Double> of) {
            Double one = of.apply(a);
            Double other = of.apply(b);
            return one == null || other == null ? null : other - one;
        }
    }

    /**
     * The page as HTML.
     *
     * @param sample to show in the player, null for none
     * @throws Problem 404 if one of the runs does not exist
     */
    public String html(@Nullable String a, @Nullable String b, @Nullable String sample) {
        if (a == null || b == null || a.isEmpty() || b.isEmpty()) {
            return layout.page(
                    "Compare",
                    "/compare",
                    false,
                    h1("Compare two runs"),
                    facts.runs().isEmpty() ? Missing.runs(facts) : choose(a, b),
                    p(
                            "Choose two runs of the same samples, for example one with another preset or"
                                    + " after a replay."));
        }
        for (String run : List.of(a, b)) {
            if (facts.runRow(run).isEmpty()) {
                throw Missing.run(facts, run);
            }
        }
        List<Both> both = both(a, b);
        return layout.page(
                "Compare",
                "/compare",
                false,
                h1("Compare two runs"),
                choose(a, b),
                both.isEmpty() ? p("No sample has a video in both runs.") : join(mean(both, a, b)),
                sample == null ? text("") : player(a, b, sample),
                iff(
                        !both.isEmpty(),
                        Wide.of(
                                "Samples of both runs",
                                table(
                                        thead(
                                                tr(
                                                        th("Sample"),
                                                        th("Composite in " + a),
                                                        th("in " + b),
                                                        th("Difference"),
                                                        th("Score in " + a),
                                                        th("in " + b),
                                                        th("Difference"))),
                                        tbody(each(both, row -> row(a, b, row)))))));
    }

    private static DomContent join(List<DomContent> parts) {
        return div(parts.toArray(DomContent[]::new));
    }

    private List<Both> both(String a, String b) {
        Map<String, SampleRow> first = new HashMap<>();
        facts.samples(a).forEach(r -> first.put(r.sampleId(), r));
        var both = new ArrayList<Both>();
        for (SampleRow row : facts.samples(b)) {
            SampleRow other = first.get(row.sampleId());
            if (other != null && other.seed() != null && row.seed() != null) {
                both.add(new Both(other, row));
            }
        }
        return both;
    }

    private static List<DomContent> mean(List<Both> both, String a, String b) {
        var lines = new ArrayList<DomContent>();
        lines.add(p("%d samples have a video in both runs.".formatted(both.size())));
        lines.add(line("composite", both, SampleRow::composite, a, b));
        lines.add(line("score", both, SampleRow::score, a, b));
        return lines;
    }

    private static DomContent line(
            String name,
            List<Both> both,
            Function<SampleRow, @Nullable Double> of,
            String a,
            String b) {
        List<Double> differences =
                both.stream().map(x -> x.difference(of)).filter(Objects::nonNull).toList();
        if (differences.isEmpty()) {
            return p("No sample has a " + name + " in both runs.");
        }
        PairedMean mean = PairedMean.of(differences);
        return p(
                "Mean difference of the %s, %s minus %s: %s, 95 %% interval %s to %s (%d samples)"
                        .formatted(
                                name,
                                b,
                                a,
                                Show.signed(mean.mean(), 4),
                                Show.signed(mean.low(), 4),
                                Show.signed(mean.high(), 4),
                                differences.size()));
    }

    private DomContent choose(@Nullable String a, @Nullable String b) {
        return form(
                        run("First run ", "a", a),
                        run("Second run ", "b", b),
                        button("Compare").withType("submit"))
                .withMethod("get")
                .withClass("choose");
    }

    private DomContent run(String title, String name, @Nullable String chosen) {
        return label(
                text(title),
                select(
                                option("choose").withValue(""),
                                each(
                                        facts.runs().stream().map(RunRow::runId).toList(),
                                        id ->
                                                option(id)
                                                        .withValue(id)
                                                        .withCondSelected(id.equals(chosen))))
                        .withName(name));
    }

    private static DomContent row(String a, String b, Both row) {
        return tr(
                td(
                        a(row.a().sampleId())
                                .withHref(
                                        "/compare?a=%s&b=%s&sample=%s"
                                                .formatted(
                                                        Show.part(a),
                                                        Show.part(b),
                                                        Show.part(row.a().sampleId())))),
                td(Show.number(row.a().composite(), 4)),
                td(Show.number(row.b().composite(), 4)),
                td(Show.signed(row.difference(SampleRow::composite), 4)),
                td(Show.number(row.a().score(), 3)),
                td(Show.number(row.b().score(), 3)),
                td(Show.signed(row.difference(SampleRow::score), 3)));
    }

    private DomContent player(String a, String b, String sample) {
        CandidateResult one = winner(a, sample);
        CandidateResult other = winner(b, sample);
        var clips =
                List.of(
                        new Clip(a, text(a + ", seed " + one.seed()), one.video(), false),
                        new Clip(b, text(b + ", seed " + other.seed()), other.video(), false));
        return Player.of(clips, Math.min(one.frames(), other.frames()), one.fps());
    }

    private CandidateResult winner(String run, String sample) {
        return facts.sample(run, sample, SampleView::winner)
                .flatMap(w -> w)
                .orElseThrow(() -> Missing.sample(facts, run, sample));
    }
}
