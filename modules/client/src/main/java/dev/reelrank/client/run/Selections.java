package dev.reelrank.client.run;

import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.PreferencePair;
import dev.reelrank.pipeline.stage.PromptResult;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the events that say which candidate a person prefers. */
public final class Selections {
    private static final String NO_GROUP = "other";

    private Selections() {}

    /** A candidate as the person saw it. */
    public record Seen(long seed, BlobRef video) {}

    /**
     * One candidate was preferred to another of the same sample.
     *
     * @param id of the selection
     * @param testId groups the selections of one comparison
     * @param sample whose fact is known
     * @param by who prefers it
     */
    public static SelectionMade of(
            String id,
            String testId,
            SampleView sample,
            Seen chosen,
            Seen rejected,
            String by,
            Instant at) {
        SampleFact fact = sample.sample().orElseThrow();
        var pair =
                new PreferencePair(
                        id,
                        fact.originalPrompt(),
                        sample.ranking().map(r -> r.subjectGroup()).orElse(NO_GROUP),
                        fact.image(),
                        chosen.video(),
                        rejected.video());
        return new SelectionMade(
                testId,
                fact.runId(),
                fact.sampleId(),
                chosen.seed(),
                rejected.seed(),
                pair,
                by,
                at,
                facts(sample, fact, chosen, rejected));
    }

    /** What a generator can learn from it; null where the candidates are no longer those shown. */
    private static @Nullable PairFacts facts(
            SampleView sample, SampleFact fact, Seen chosen, Seen rejected) {
        var winner = candidate(sample, chosen);
        var loser = candidate(sample, rejected);
        if (winner.isEmpty() || loser.isEmpty()) {
            return null;
        }
        GeneratorUse used = winner.get().used();
        return new PairFacts(
                "selections",
                fact.sampleId(),
                sample.prompt().map(PromptResult::prompt).orElse(fact.originalPrompt()),
                fact.image(),
                chosen.video(),
                rejected.video(),
                1,
                used == null ? "" : used.family(),
                used == null ? "" : used.baseFingerprint(),
                fact.configuration().candidate().withSeed(0),
                rejected.seed());
    }

    private static Optional<CandidateResult> candidate(SampleView sample, Seen seen) {
        return sample.candidates().stream()
                .filter(c -> c.seed() == seen.seed() && c.video().equals(seen.video()))
                .findFirst();
    }
}
