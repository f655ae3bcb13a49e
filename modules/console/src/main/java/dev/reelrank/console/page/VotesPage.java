package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.label;
import static j2html.TagCreator.li;
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
import static j2html.TagCreator.ul;

import dev.reelrank.console.arena.Tally;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the votes say. */
public final class VotesPage {
    /** Below this number of votes the intervals are wider than most differences. */
    private static final int FEW = 30;

    /** Resamples of fewer votes are all alike, and their interval would look certain. */
    private static final int LEAST = 5;

    private final Layout layout;
    private final Facts facts;

    public VotesPage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    /**
     * The page as HTML.
     *
     * @param tally of the chosen contest, null if none was chosen
     */
    public String html(@Nullable String run, @Nullable String other, @Nullable Tally tally) {
        return layout.page(
                "Votes",
                "/votes",
                true,
                h1("Votes"),
                facts.runs().isEmpty() ? Missing.runs(facts) : choose(run, other),
                tally == null
                        ? p("Choose a run to see what the votes on its videos say.")
                        : result(run, other, tally));
    }

    private DomContent choose(@Nullable String run, @Nullable String other) {
        List<String> runs = facts.runs().stream().map(RunRow::runId).toList();
        return form(
                        label(
                                text("Run "),
                                select(
                                                option("choose").withValue(""),
                                                each(runs, id -> choice(id, run)))
                                        .withName("run")),
                        label(
                                text("against "),
                                select(
                                                option("none: its own candidates").withValue(""),
                                                each(runs, id -> choice(id, other)))
                                        .withName("other")),
                        button("Show").withType("submit"))
                .withMethod("get")
                .withClass("choose");
    }

    private static DomContent choice(String id, @Nullable String chosen) {
        return option(id).withValue(id).withCondSelected(id.equals(chosen));
    }

    private static DomContent result(@Nullable String run, @Nullable String other, Tally tally) {
        String vote =
                "/arena?run="
                        + Show.part(String.valueOf(run))
                        + (other == null ? "" : "&other=" + Show.part(other));
        if (tally.votes() == 0) {
            return p(text("Nobody has voted here yet. "), a("Vote").withHref(vote));
        }
        return div(
                p(
                        "%s%s; both bad %d, skipped %d."
                                .formatted(
                                        count(tally.votes(), "vote"),
                                        tally.votes() < FEW
                                                ? " (preliminary: fewer than " + FEW + ")"
                                                : "",
                                        tally.bothBad(),
                                        tally.skipped())),
                Wide.of(
                        "Standings",
                        table(
                                thead(
                                        tr(
                                                th("Contender"),
                                                th("Wins"),
                                                th("Losses"),
                                                th("Ties"),
                                                th("Wins against an average one"),
                                                th("95 % interval"))),
                                tbody(
                                        each(
                                                tally.standings(),
                                                s -> standing(s, tally.votes() >= LEAST))))),
                h2("Can the votes be trusted?"),
                ul(
                        li(
                                "Left was chosen %s, right %s (p = %s for no preference of a side)."
                                        .formatted(
                                                count(tally.left(), "time"),
                                                count(tally.right(), "time"),
                                                String.format(
                                                        Locale.ROOT, "%.2f", tally.sidesP()))),
                        each(
                                tally.agreements().entrySet(),
                                e ->
                                        li(
                                                "Same opinion, %s: %d of %d (%s)."
                                                        .formatted(
                                                                e.getKey(),
                                                                e.getValue().same(),
                                                                e.getValue().of(),
                                                                Show.percent(
                                                                        e.getValue().same()
                                                                                / (double)
                                                                                        e.getValue()
                                                                                                .of()))))),
                p(a("Go on voting").withHref(vote)));
    }

    private static String count(int number, String what) {
        return number + " " + what + (number == 1 ? "" : "s");
    }

    private static DomContent standing(Tally.Standing s, boolean interval) {
        return tr(
                td(s.contender()),
                td(Integer.toString(s.wins())),
                td(Integer.toString(s.losses())),
                td(Integer.toString(s.ties())),
                td(Show.percent(s.probability())),
                td(
                        interval
                                ? Show.percent(s.low()) + " to " + Show.percent(s.high())
                                : "after %d votes".formatted(LEAST)));
    }
}
