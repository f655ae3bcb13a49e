package dev.reelrank.flow.sample;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.stage.StageRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Begins a candidate per seed and pauses it, where only the best are to be finished. */
final class DraftStep implements SampleStep {
    static final String PART = "draft";

    @Override
    public StageName stage() {
        return StageName.CANDIDATE;
    }

    @Override
    public String part() {
        return PART;
    }

    /** None of seeds whose candidate is there already: an earlier run may have brought it. */
    @Override
    public List<@Nullable Long> seeds(SampleSoFar soFar) {
        var candidate = soFar.sample().configuration().candidate();
        if (!candidate.prunes()) {
            return List.of();
        }
        return candidate.candidateSeeds().stream()
                .filter(
                        seed ->
                                soFar.result(StageName.CANDIDATE, seed).isEmpty()
                                        || soFar.result(StageName.CANDIDATE, seed, PART)
                                                .isPresent())
                .<@Nullable Long>map(seed -> seed)
                .toList();
    }

    /** Whether any candidate can go on, the candidates' own step finds. */
    @Override
    public boolean dispensable() {
        return true;
    }

    @Override
    public StageRequest request(SampleSoFar soFar, @Nullable Long seed) {
        var prune =
                Objects.requireNonNull(
                        soFar.sample().configuration().candidate().prune(), "nothing is pruned");
        return CandidateStep.request(
                soFar, Objects.requireNonNull(seed, "a draft has a seed"), prune.after());
    }
}
