package dev.reelrank.console.page;

import static j2html.TagCreator.a;
import static j2html.TagCreator.dd;
import static j2html.TagCreator.details;
import static j2html.TagCreator.div;
import static j2html.TagCreator.dl;
import static j2html.TagCreator.dt;
import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.img;
import static j2html.TagCreator.join;
import static j2html.TagCreator.li;
import static j2html.TagCreator.mark;
import static j2html.TagCreator.p;
import static j2html.TagCreator.pre;
import static j2html.TagCreator.section;
import static j2html.TagCreator.span;
import static j2html.TagCreator.summary;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;
import static j2html.TagCreator.ul;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.page.Player.Clip;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.ProgressReported;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.RankingResult.GeometryScore;
import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** One sample: its candidates side by side, why one of them won, its grade and its way. */
public final class SamplePage {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Layout layout;
    private final Facts facts;

    public SamplePage(Layout layout, Facts facts) {
        this.layout = layout;
        this.facts = facts;
    }

    /**
     * The page as HTML.
     *
     * @throws Problem 404 if there is no such sample
     */
    public String html(String runId, String sampleId) {
        List<ProgressReported> progress = facts.progress(runId, sampleId);
        return facts.sample(runId, sampleId, view -> html(runId, view, progress))
                .orElseThrow(() -> Missing.sample(facts, runId, sampleId));
    }

    private String html(String runId, SampleView view, List<ProgressReported> progress) {
        return layout.page(
                view.sampleId(),
                "/",
                !view.terminal(),
                p(a("All samples of " + runId).withHref(Show.run(runId))).withClass("up"),
                h1(view.sampleId()),
                state(runId, view, progress),
                player(view),
                PrunedDrafts.of(view),
                choice(view),
                div(prompts(view), grade(view), path(view, facts.dead(runId, view.sampleId())))
                        .withClass("columns"));
    }

    private static DomContent state(
            String runId, SampleView view, List<ProgressReported> progress) {
        var lines = new ArrayList<DomContent>();
        view.update()
                .ifPresent(
                        u ->
                                lines.add(
                                        p(
                                                Show.badge(
                                                        u.status().name().toLowerCase(Locale.ROOT)),
                                                iff(u.partial(), Show.badge("partial")),
                                                text(" "))));
        if (!view.terminal()) {
            for (ProgressReported step : progress) {
                lines.add(
                        p(
                                "%s%s: step %d of %d on %s"
                                        .formatted(
                                                step.work().stage().id(),
                                                step.work().seed() == null
                                                        ? ""
                                                        : " seed " + step.work().seed(),
                                                step.step(),
                                                step.of(),
                                                step.producer().worker())));
            }
            lines.add(Actions.cancel(runId, view.sampleId()));
        }
        List<SampleFailure> failures = view.update().map(SampleUpdated::failures).orElse(List.of());
        for (SampleFailure f : failures) {
            lines.add(
                    p("%s%s: %s. %s"
                                    .formatted(
                                            f.stage().id(),
                                            f.seed() == null ? "" : " seed " + f.seed(),
                                            f.code(),
                                            f.message()))
                            .withClass("bad"));
        }
        if (!failures.isEmpty() && view.terminal()) {
            lines.add(Actions.retry(runId, view.sampleId()));
        }
        return div(lines.toArray(DomContent[]::new)).withClass("sample-state");
    }

    private static DomContent player(SampleView view) {
        List<CandidateResult> candidates = view.candidates();
        if (candidates.isEmpty()) {
            return p("There is no candidate yet.");
        }
        var clips = new ArrayList<Clip>();
        Long winner = view.ranking().map(r -> r.winner().seed()).orElse(null);
        for (CandidateResult c : candidates) {
            boolean best = winner != null && winner == c.seed();
            String score =
                    score(view, c.seed())
                            .map(s -> ", composite " + Show.number(s.composite(), 4))
                            .orElse("");
            clips.add(
                    new Clip(
                            view.title(c.seed()),
                            join(
                                    iff(best, Show.badge("winner")),
                                    text(" " + view.title(c.seed()) + score)),
                            c.video(),
                            best));
        }
        CandidateResult first = candidates.get(0);
        return Player.of(
                clips,
                first.frames(),
                first.fps(),
                view.ranking().map(RankingResult::details).orElse(null));
    }

    private static Optional<CandidateScore> score(SampleView view, long seed) {
        return view.ranking()
                .flatMap(r -> r.candidates().stream().filter(c -> c.seed() == seed).findFirst());
    }

    private static DomContent prompts(SampleView view) {
        String original = view.sample().map(s -> s.originalPrompt()).orElse("");
        var parts = new ArrayList<DomContent>();
        parts.add(h2("Prompt and reference"));
        view.sample().ifPresent(s -> parts.add(reference(view, Show.media(s.image()))));
        parts.add(dl(dt("As submitted"), dd(original)));
        view.prompt()
                .ifPresent(
                        written ->
                                parts.add(
                                        dl(
                                                dt(
                                                        "As written, by "
                                                                + written.source()
                                                                        .name()
                                                                        .toLowerCase(Locale.ROOT)
                                                                + "; new words are marked"),
                                                dd(words(original, written.prompt())))));
        return section(parts.toArray(DomContent[]::new));
    }

    private static DomContent[] words(String before, String after) {
        var words = new ArrayList<DomContent>();
        for (WordDifference.Part part : WordDifference.of(before, after)) {
            words.add(part.added() ? mark(part.words()) : text(part.words()));
            words.add(text(" "));
        }
        return words.toArray(DomContent[]::new);
    }

    private static DomContent reference(SampleView view, String address) {
        var image = img().withSrc(address).withAlt("Reference image");
        Optional<RankingResult> ranking = view.ranking();
        boolean masked = ranking.isPresent() && ranking.get().mask().box().size() == 4;
        if (masked) {
            List<Double> box = ranking.get().mask().box();
            image.attr(
                    "data-box",
                    "%.1f,%.1f,%.1f,%.1f"
                            .formatted(box.get(0), box.get(1), box.get(2), box.get(3)));
        }
        ranking.map(RankingResult::details)
                .ifPresent(details -> image.attr("data-mask", Show.media(details)));
        return figure(
                        div(image).withClass("boxed"),
                        figcaption(
                                masked
                                        ? "Reference image. The frame is the box of the subject's mask: "
                                                + ranking.get().subject()
                                        : "Reference image."))
                .withClass("reference");
    }

    private static DomContent choice(SampleView view) {
        if (view.ranking().isEmpty()) {
            return section(h2("Choice"), p("The candidates have not been ranked yet."));
        }
        RankingResult ranking = view.ranking().get();
        var content = new ArrayList<DomContent>();
        content.add(h2("Why this video"));
        content.add(p(Show.sentence(ranking.winner().reason())));
        List<String> geometry = geometry(ranking);
        content.add(
                Wide.of(
                        "Scores",
                        table(
                                thead(
                                        tr(
                                                th("Seed"),
                                                th("Composite"),
                                                th("Identity"),
                                                th("Lowest identity"),
                                                th("Concentration"),
                                                th("Consistency"),
                                                th("Two subjects"),
                                                th("Brightness drift"),
                                                each(geometry, name -> th(name)))),
                                tbody(
                                        each(
                                                ranking.candidates(),
                                                c ->
                                                        scores(
                                                                view,
                                                                c,
                                                                ranking.winner().seed(),
                                                                geometry))))));
        if (!ranking.mask().used()) {
            content.add(p("The whole image was compared: " + ranking.mask().whyNot()));
        }
        if (ranking.contactSheet() != null) {
            content.add(
                    details(
                            summary("Contact sheet with masks and patches"),
                            img().withSrc(Show.media(ranking.contactSheet()))
                                    .withAlt("Frames of all candidates with their scores")
                                    .attr("loading", "lazy")));
        }
        return section(content.toArray(DomContent[]::new));
    }

    /** The geometry scores that were asked for, by name. */
    private static List<String> geometry(RankingResult ranking) {
        return ranking.candidates().stream()
                .flatMap(c -> c.geometry().stream())
                .map(GeometryScore::metric)
                .distinct()
                .toList();
    }

    private static DomContent geometry(CandidateScore candidate, String name) {
        return candidate.geometry().stream()
                .filter(g -> g.metric().equals(name))
                .findFirst()
                .map(
                        g ->
                                g.score() == null
                                        ? td("no score: " + g.reason())
                                        : td(Show.number(g.score(), 4)))
                .orElseGet(() -> td("–"));
    }

    private static DomContent scores(
            SampleView view, CandidateScore c, long winner, List<String> geometry) {
        return tr(
                        td(view.seedTitle(c.seed())),
                        td(Show.number(c.composite(), 4)),
                        td(Show.number(c.maskedIdentity(), 4)),
                        td(Show.number(c.minIdentity(), 4)),
                        td(Show.number(c.patchConcentration(), 4)),
                        td(Show.number(c.temporalConsistency(), 4)),
                        td(Show.percent(c.duplicateSubject())),
                        td(Show.number(c.brightnessDrift(), 4)),
                        each(geometry, name -> geometry(c, name)))
                .withClass(c.seed() == winner ? "best" : "");
    }

    private static DomContent grade(SampleView view) {
        if (view.grade().isEmpty()) {
            return section(h2("Grade"), p("There is no grade."));
        }
        GradeResult grade = view.grade().get();
        var content = new ArrayList<DomContent>();
        content.add(h2("Grade " + (grade.grade() == null ? "–" : grade.grade())));
        content.add(p("Score " + Show.number(grade.score(), 3) + ". " + grade.reasoning()));
        var verdict = grade.verdict();
        // The reasoning of newer gradings says it itself.
        if (verdict != null && !grade.reasoning().contains("Decision: ")) {
            content.add(
                    p("Decision: %s, because %s.".formatted(verdict.decision(), verdict.because()))
                            .withClass("decision"));
        }
        new TreeMap<>(grade.evidence())
                .forEach(
                        (name, evidence) ->
                                content.add(
                                        details(
                                                summary(
                                                        "%s: %s, weight %s%s"
                                                                .formatted(
                                                                        name,
                                                                        Show.number(
                                                                                evidence.score(),
                                                                                3),
                                                                        Show.number(
                                                                                evidence.weight(),
                                                                                2),
                                                                        evidence.used()
                                                                                ? ""
                                                                                : ", not used")),
                                                pre(pretty(evidence.details())))));
        return section(content.toArray(DomContent[]::new));
    }

    private static String pretty(String json) {
        try {
            return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(JSON.readTree(json));
        } catch (JsonProcessingException e) {
            // The grader's own text, as it is.
            return json;
        }
    }

    private static DomContent path(SampleView view, List<DeadLetter> dead) {
        return section(
                h2("Path through the farm"),
                Wide.of(
                        "Path through the farm",
                        table(
                                thead(
                                        tr(
                                                th("Stage"),
                                                th("Worker"),
                                                th("Device"),
                                                th("Attempt"),
                                                th("Load"),
                                                th("Run"),
                                                th("Ended"))),
                                tbody(
                                        each(view.facts(), SamplePage::step),
                                        each(dead, SamplePage::failed)))),
                details(
                        summary("What each result was computed from"),
                        ul(each(view.facts(), SamplePage::origin))));
    }

    private static DomContent step(StageFact fact) {
        return tr(
                td(
                        fact.work().stage().id()
                                + (fact.work().seed() == null ? "" : " seed " + fact.work().seed())
                                + (fact.result().preliminary() ? " (draft)" : "")),
                td(fact.producer().worker()),
                td(fact.computation().deviceKind()),
                td(Integer.toString(fact.work().epoch() + 1)),
                td(Show.millis(fact.computation().loadMillis())),
                td(
                        fact.computation().reused()
                                ? "from the store"
                                : Show.millis(fact.computation().runMillis())),
                td(Show.clock(fact.at())));
    }

    /** Work that flow gave up: what a retry repeats. */
    private static DomContent failed(DeadLetter letter) {
        var work = Objects.requireNonNull(letter.work());
        return tr(
                        td(work.stage().id() + (work.seed() == null ? "" : " seed " + work.seed())),
                        td(String.join(", ", letter.processes())),
                        td("–"),
                        td(Integer.toString(work.epoch() + 1)),
                        td("–"),
                        td(
                                "failed after %d attempts: %s"
                                        .formatted(letter.attempts(), letter.code())),
                        td(Show.clock(letter.at())))
                .withClass("bad");
    }

    private static DomContent origin(StageFact fact) {
        Map<String, Long> timings = new TreeMap<>(fact.computation().timings());
        return li(
                span(
                        "%s%s: precision %s, model files %s, input key %s, milliseconds %s"
                                .formatted(
                                        fact.work().stage().id(),
                                        fact.work().seed() == null
                                                ? ""
                                                : " seed " + fact.work().seed(),
                                        fact.computation().precision(),
                                        fact.computation().fingerprint(),
                                        fact.computation().inputKey(),
                                        timings)));
    }
}
