package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Has the drafts put in order: the best are finished. If they cannot be compared, all are. How many
 * are finished is no part of the question, so that runs that keep more or fewer find the answer.
 */
final class PreviewStep implements SampleStep {
    static final String PART = "preview";

    @Override
    public StageName stage() {
        return StageName.RANKING;
    }

    @Override
    public String part() {
        return PART;
    }

    /** Nothing to choose from is nothing to ask. */
    @Override
    public List<@Nullable Long> seeds(SampleSoFar soFar) {
        var candidate = soFar.sample().configuration().candidate();
        var prune = candidate.prune();
        return prune != null
                        && candidate.prunes()
                        && Earlier.comparableDrafts(soFar).size() > prune.kept()
                ? Collections.singletonList(null)
                : List.of();
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        var sample = soFar.sample();
        return new RankingRequest(
                        sample.originalPrompt(),
                        Earlier.prompt(soFar).prompt(),
                        sample.subject(),
                        sample.image(),
                        Earlier.comparableDrafts(soFar),
                        sample.configuration().ranking())
                .ofDrafts();
    }

    @Override
    public boolean dispensable() {
        return true;
    }
}
