package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Generates a candidate per seed and model, or where drafts were compared, one for each that was
 * kept.
 */
final class CandidateStep implements SampleStep {
    @Override
    public StageName stage() {
        return StageName.CANDIDATE;
    }

    @Override
    public List<@Nullable Long> seeds(SampleSoFar soFar) {
        var candidate = soFar.sample().configuration().candidate();
        if (!candidate.prunes()) {
            return List.copyOf(soFar.seeds());
        }
        return soFar.seeds().stream()
                .filter(seed -> goesOn(soFar, seed))
                .<@Nullable Long>map(seed -> seed)
                .toList();
    }

    /**
     * Everything but what was compared and not kept, and what has no draft. Seeds that are tried
     * beside the configured ones are made without one.
     */
    static boolean goesOn(SampleSoFar soFar, long seed) {
        boolean further =
                !soFar.sample().configuration().candidate().candidateSeeds().contains(seed);
        if (further || soFar.result(StageName.CANDIDATE, seed).isPresent()) {
            return true;
        }
        if (soFar.result(StageName.CANDIDATE, seed, DraftStep.PART).isEmpty()) {
            return false;
        }
        return soFar.result(StageName.RANKING, null, PreviewStep.PART)
                .map(RankingResult.class::cast)
                .map(
                        compared ->
                                compared.kept().contains(seed)
                                        || compared.candidates().stream()
                                                .noneMatch(c -> c.seed() == seed))
                .orElse(true);
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        long wanted = Objects.requireNonNull(seed, "a candidate has a seed");
        return request(soFar, wanted, null);
    }

    static CandidateRequest request(SampleSoFar soFar, long seed, @Nullable Integer pauseAfter) {
        var sample = soFar.sample();
        return new CandidateRequest(
                Earlier.prompt(soFar).prompt(),
                sample.image(),
                seed,
                withNegativeTerms(sample.configuration()).withSeed(seed).withPrune(null),
                pauseAfter);
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
