package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.GradeRequest;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import java.util.List;

/** The questions of one sample to its stages, complete in themselves. */
final class Requests {
    private final SampleSubmitted sample;
    private final RunConfiguration configuration;

    Requests(SampleSubmitted sample) {
        this.sample = sample;
        this.configuration = sample.configuration();
    }

    PromptRequest prompt() {
        return new PromptRequest(sample.originalPrompt(), sample.image(), configuration.prompt());
    }

    CandidateRequest candidate(PromptResult prompt, long seed) {
        return new CandidateRequest(
                prompt.prompt(), sample.image(), seed, candidateConfiguration().withSeed(seed));
    }

    /**
     * @param candidates in the order of the configured seeds
     */
    RankingRequest ranking(PromptResult prompt, List<CandidateVideo> candidates) {
        return new RankingRequest(
                sample.originalPrompt(),
                prompt.prompt(),
                sample.subject(),
                sample.image(),
                candidates,
                configuration.ranking());
    }

    GradeRequest grade(
            PromptResult prompt,
            RankingResult ranking,
            CandidateVideo winner,
            PreferenceVersion preference) {
        return new GradeRequest(
                sample.originalPrompt(),
                prompt.prompt(),
                ranking.subject(),
                sample.image(),
                winner,
                preference,
                configuration.grade());
    }

    static CandidateVideo video(CandidateResult result, String workId) {
        return new CandidateVideo(result.seed(), result.video(), workId);
    }

    private CandidateConfig candidateConfiguration() {
        var candidate = configuration.candidate();
        var terms = String.join(", ", configuration.prompt().negativeTerms());
        if (terms.isEmpty()) {
            return candidate;
        }
        var own = candidate.negativePrompt();
        return candidate.withNegativePrompt(own.isBlank() ? terms : own + ", " + terms);
    }
}
