package dev.reelrank.console.page;

import static j2html.TagCreator.each;
import static j2html.TagCreator.figcaption;
import static j2html.TagCreator.figure;
import static j2html.TagCreator.h2;
import static j2html.TagCreator.p;
import static j2html.TagCreator.section;
import static j2html.TagCreator.text;
import static j2html.TagCreator.video;

import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult;
import j2html.tags.DomContent;
import java.util.List;

/** The candidates of a sample that were compared after a few steps and not finished. */
final class PrunedDrafts {
    private PrunedDrafts() {}

    static DomContent of(SampleView view) {
        List<CandidateResult> pruned = view.pruned();
        if (pruned.isEmpty()) {
            return text("");
        }
        RankingResult compared = view.comparison().orElseThrow();
        List<Long> wentOn =
                view.drafts().stream()
                        .filter(draft -> !pruned.contains(draft))
                        .map(CandidateResult::seed)
                        .toList();
        return section(
                        h2("Pruned"),
                        p(
                                "After %d steps all candidates were compared by what they were"
                                                .formatted(pruned.get(0).steps())
                                        + " about to become. These were not finished; seeds "
                                        + wentOn
                                        + " went on."),
                        each(pruned, draft -> clip(view, draft, compared)))
                .withClass("pruned");
    }

    private static DomContent clip(SampleView view, CandidateResult draft, RankingResult compared) {
        String composite =
                compared.candidates().stream()
                        .filter(c -> c.seed() == draft.seed())
                        .map(c -> ", composite " + Show.number(c.composite(), 4))
                        .findFirst()
                        .orElse("");
        return figure(
                video().withSrc(Show.media(draft.video()))
                        .attr("poster", Show.poster(draft.video()))
                        .attr("preload", "none")
                        .attr("controls")
                        .attr("muted")
                        .attr("loop")
                        .attr("aria-label", "Preview of " + view.title(draft.seed())),
                figcaption(view.title(draft.seed()) + composite));
    }
}
