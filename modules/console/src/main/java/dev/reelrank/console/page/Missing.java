package dev.reelrank.console.page;

import static j2html.TagCreator.code;
import static j2html.TagCreator.p;
import static j2html.TagCreator.text;

import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.facts.RunRow;
import dev.reelrank.console.web.Problem;
import j2html.tags.DomContent;
import java.util.List;

/** What there is instead of what was asked for. */
public final class Missing {
    private static final int SHOWN = 5;

    private Missing() {}

    /** There is no run at all: how to start one. */
    static DomContent runs(Facts facts) {
        return facts.isCaughtUp()
                ? p(
                        text("There is no run yet. Start one with "),
                        code("reelrank run"),
                        text(", or send a prompt and an image to "),
                        code("POST /v1/videos"),
                        text("."))
                : p("Reading the facts …");
    }

    /** There is no such run. */
    public static Problem run(Facts facts, String runId) {
        List<String> known = facts.runs().stream().map(RunRow::runId).limit(SHOWN).toList();
        return Problem.notFound(
                "there is no run '%s'; %s"
                        .formatted(
                                runId,
                                known.isEmpty()
                                        ? "there is none yet"
                                        : "the latest are " + String.join(", ", known)));
    }

    /** The run has no such sample, or there is no such run. */
    public static Problem sample(Facts facts, String runId, String sampleId) {
        return facts.runRow(runId).isEmpty()
                ? run(facts, runId)
                : Problem.notFound("run '%s' has no sample '%s'".formatted(runId, sampleId));
    }
}
