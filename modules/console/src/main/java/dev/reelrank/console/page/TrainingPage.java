package dev.reelrank.console.page;

import static j2html.TagCreator.code;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.li;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;
import static j2html.TagCreator.ul;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.pipeline.event.QualityStandards;
import j2html.tags.DomContent;
import java.util.Map;
import java.util.TreeMap;

/** What the farm has learned. */
public final class TrainingPage {
    private final Layout layout;
    private final Facts facts;

    public TrainingPage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    public String html() {
        return layout.page(
                "Training",
                "/training",
                true,
                h1("Training"),
                Adapters.trainings(facts.trainings()),
                Adapters.adapters(facts.adapters()),
                h2("Preference model"),
                facts.standards().map(TrainingPage::standards).orElseGet(TrainingPage::none));
    }

    private static DomContent none() {
        return p(
                text(
                        "The preference model has not been trained. It learns from votes in the arena and from "),
                code("reelrank select"),
                text("; flow trains it after every five new ones."));
    }

    private static DomContent standards(QualityStandards s) {
        Map<String, Double> patterns = new TreeMap<>(s.patterns());
        return dl(
                dt("Version"),
                dd(Long.toString(s.preference().version())),
                dt("Selections learned from"),
                dd(Integer.toString(s.selections())),
                dt("Confidence"),
                dd(Show.number(s.confidence(), 2)),
                dt("Last loss of each training"),
                dd(
                        s.lossTrend().isEmpty()
                                ? text("–")
                                : text(
                                        String.join(
                                                ", ",
                                                s.lossTrend().stream()
                                                        .map(l -> Show.number(l, 4))
                                                        .toList()))),
                dt("What chosen videos have in common"),
                dd(
                        ul(
                                each(
                                        patterns.entrySet(),
                                        e ->
                                                li(
                                                        e.getKey()
                                                                + ": "
                                                                + Show.signed(e.getValue(), 3))))),
                dt("In force since"),
                dd(Show.time(s.at())));
    }
}
