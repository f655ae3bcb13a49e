package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import org.jspecify.annotations.Nullable;

/** Requests the ranking of the existing candidates. */
final class RankingStep implements SampleStep {
    @Override
    public StageName stage() {
        return StageName.RANKING;
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        var sample = soFar.sample();
        return new RankingRequest(
                sample.originalPrompt(),
                Earlier.prompt(soFar).prompt(),
                sample.subject(),
                sample.image(),
                Earlier.comparableVideos(soFar),
                sample.configuration().ranking());
    }
}
