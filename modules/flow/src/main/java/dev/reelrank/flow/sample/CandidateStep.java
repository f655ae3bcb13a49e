package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Generates a candidate per seed. */
final class CandidateStep implements SampleStep {
    @Override
    public StageName stage() {
        return StageName.CANDIDATE;
    }

    @Override
    public List<@Nullable Long> seeds(SampleSoFar soFar) {
        return List.copyOf(soFar.seeds());
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        long wanted = Objects.requireNonNull(seed, "a candidate has a seed");
        var sample = soFar.sample();
        return new CandidateRequest(
                Earlier.prompt(soFar).prompt(),
                sample.image(),
                wanted,
                withNegativeTerms(sample.configuration()).withSeed(wanted));
    }

    private static CandidateConfig withNegativeTerms(RunConfiguration configuration) {
        var candidate = configuration.candidate();
        var terms = String.join(", ", configuration.prompt().negativeTerms());
        if (terms.isEmpty()) {
            return candidate;
        }
        var own = candidate.negativePrompt();
        return candidate.withNegativePrompt(own.isBlank() ? terms : own + ", " + terms);
    }
}
