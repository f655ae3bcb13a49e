package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.config.CandidateConfig;
import dev.reelrank.pipeline.config.RunConfiguration;
import dev.reelrank.pipeline.stage.CandidateRequest;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Generates a candidate per seed and model, or where drafts were compared, one for each that was
 * kept, and the next best where one of those fails.
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
     * Everything but what was compared and not chosen, and what has no draft. Seeds that are tried
     * beside the configured ones are made without one.
     */
    static boolean goesOn(SampleSoFar soFar, long seed) {
        boolean further =
                !soFar.sample().configuration().candidate().candidateSeeds().contains(seed);
        if (further
                || soFar.result(StageName.CANDIDATE, seed).isPresent()
                || soFar.open(StageName.CANDIDATE, seed)) {
            return true;
        }
        if (soFar.result(StageName.CANDIDATE, seed, DraftStep.PART).isEmpty()) {
            return false;
        }
        return soFar.result(StageName.RANKING, null, PreviewStep.PART)
                .map(RankingResult.class::cast)
                .map(
                        compared ->
                                chosen(soFar, compared).contains(seed)
                                        || compared.candidates().stream()
                                                .noneMatch(c -> c.seed() == seed))
                .orElse(true);
    }

    /**
     * As many of the best drafts as are to be finished, and for each that cannot be the next best
     * one. A comparison of an earlier version may name only some in order: the composites say how
     * it goes on.
     */
    private static Set<Long> chosen(SampleSoFar soFar, RankingResult compared) {
        var byRank = new LinkedHashSet<>(compared.kept());
        compared.candidates().stream()
                .sorted(Comparator.comparingDouble(CandidateScore::composite).reversed())
                .map(CandidateScore::seed)
                .forEach(byRank::add);
        var chosen = new LinkedHashSet<Long>();
        int wanted = soFar.sample().configuration().candidate().finished();
        for (long seed : byRank) {
            if (wanted == 0) {
                break;
            }
            chosen.add(seed);
            wanted -= soFar.failed(StageName.CANDIDATE, seed) ? 0 : 1;
        }
        return chosen;
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
