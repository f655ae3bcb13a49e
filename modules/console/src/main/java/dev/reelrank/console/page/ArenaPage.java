package dev.reelrank.console.page;

import static j2html.TagCreator.button;
import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.form;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.img;
import static j2html.TagCreator.input;
import static j2html.TagCreator.label;
import static j2html.TagCreator.option;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.select;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;
import static j2html.TagCreator.video;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import j2html.tags.DomContent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where people vote. The script arena.js fetches pairs and sends answers. */
public final class ArenaPage {
    private static final List<Answer> ANSWERS =
            List.of(
                    new Answer("LEFT", "Left is better", "1"),
                    new Answer("RIGHT", "Right is better", "2"),
                    new Answer("EQUAL", "Equally good", "3"),
                    new Answer("BOTH_BAD", "Both bad", "4"),
                    new Answer("SKIPPED", "Skip", "0"));

    private final Layout layout;
    private final Facts facts;

    private record Answer(String value, String text, String key) {}

    public ArenaPage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    /**
     * The page as HTML.
     *
     * @param run whose candidates are compared, null if it has not been chosen
     * @param other the run whose winners are compared with the first one's, null for none
     * @throws dev.reelrank.console.web.Problem 404 for a run that does not exist
     */
    public String html(@Nullable String run, @Nullable String other) {
        for (String asked : new String[] {run, other}) {
            if (asked != null && !asked.isEmpty() && facts.runRow(asked).isEmpty()) {
                throw Missing.run(facts, asked);
            }
        }
        return layout.page(
                "Arena",
                "/arena",
                false,
                h1("Arena"),
                p(
                        "Two videos of one sample, and nothing that tells which is which. Your answers teach"
                                + " the preference model."),
                facts.runs().isEmpty() ? Missing.runs(facts) : begin(run, other),
                ballot());
    }

    private DomContent begin(@Nullable String run, @Nullable String other) {
        List<String> runs = facts.runs().stream().map(RunRow::runId).toList();
        return form(
                        label(
                                text("Your name "),
                                input().withName("rater")
                                        .attr("maxlength", "64")
                                        .attr("required", "")
                                        .attr("autocomplete", "nickname")),
                        label(
                                text("Candidates of "),
                                select(each(runs, id -> choice(id, run)))
                                        .withName("run")
                                        .attr("required", "")),
                        label(
                                text("against the winners of "),
                                select(
                                                option("none: its own candidates").withValue(""),
                                                each(runs, id -> choice(id, other)))
                                        .withName("other")),
                        button("Begin").withType("submit"))
                .withId("arena-begin")
                .withClass("choose");
    }

    private static DomContent choice(String id, @Nullable String chosen) {
        return option(id).withValue(id).withCondSelected(id.equals(chosen));
    }

    private static DomContent ballot() {
        return section(
                        p().withId("arena-prompt"),
                        figure(img().withId("arena-image").withAlt("Reference image"))
                                .withClass("reference"),
                        div(side("left", "Left video"), side("right", "Right video"))
                                .withClass("stage two"),
                        div(
                                        each(
                                                ANSWERS,
                                                a ->
                                                        button(a.text())
                                                                .withType("button")
                                                                .attr("data-answer", a.value())
                                                                .withTitle(
                                                                        a.text() + " (key "
                                                                                + a.key() + ")")
                                                                .attr("disabled", "")),
                                        button("Undo")
                                                .withType("button")
                                                .withId("arena-undo")
                                                .withTitle("Take the last vote back (Backspace)")
                                                .attr("disabled", ""),
                                        span().withId("arena-count"))
                                .withClass("controls answers"),
                        p().withId("arena-says").attr("role", "status").attr("aria-live", "polite"))
                .withId("arena-ballot")
                .attr("hidden", "")
                .attr("tabindex", "0")
                .attr(
                        "aria-label",
                        "Two videos to compare. 1 left, 2 right, 3 equal, 4 both bad, 0 skip.");
    }

    private static DomContent side(String id, String title) {
        return figure(
                        video().withId("arena-" + id)
                                .attr("muted", "")
                                .attr("playsinline", "")
                                .attr("preload", "auto")
                                .attr("loop", "")
                                .attr("aria-label", title))
                .withClass("clip");
    }
}
