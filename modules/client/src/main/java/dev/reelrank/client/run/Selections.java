package dev.reelrank.client.run;

import dev.reelrank.client.results.SampleView;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SelectionMade;
import dev.reelrank.pipeline.stage.PreferencePair;
import java.time.Instant;

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
                at);
    }
}
