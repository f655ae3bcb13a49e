package dev.reelrank.flow.adapter;

import dev.reelrank.flow.AutoAlign;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.sample.SampleState;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.event.PairDrawn;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GeneratorUse;
import dev.reelrank.pipeline.stage.PairFacts;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Draws a pair of each sample that is ranked, for each adapter that learns from rankings: the best
 * against the worst candidate.
 */
public final class PairDraw {
    private final List<AutoAlign> each;

    public PairDraw(List<AutoAlign> each) {
        this.each = List.copyOf(each);
    }

    /**
     * The effects of a decision, and the pair that its ranking makes.
     *
     * @param after the sample after the decision
     */
    public List<Effect> with(SampleState after, List<Effect> effects, Instant now) {
        var all = new ArrayList<>(effects);
        for (var effect : effects) {
            if (effect instanceof Effect.Fact fact
                    && fact.fact().inheritedFrom() == null
                    && fact.fact().result() instanceof RankingResult ranking
                    && !ranking.preliminary()) {
                for (var auto : each) {
                    pair(auto, after, ranking)
                            .ifPresent(
                                    pair ->
                                            all.add(
                                                    new Effect.Pair(
                                                            new PairDrawn(
                                                                    auto.name(), pair, now))));
                }
            }
        }
        return all;
    }

    /** Of several models, the one whose candidates lie farthest apart: a pair is of one model. */
    private static Optional<PairFacts> pair(
            AutoAlign auto, SampleState sample, RankingResult ranking) {
        var submission = sample.submission();
        if (submission == null) {
            return Optional.empty();
        }
        var config = submission.configuration().candidate();
        return ranking.candidates().stream()
                .collect(Collectors.groupingBy(c -> config.modelOf(c.seed()), Collectors.toList()))
                .values()
                .stream()
                .flatMap(scores -> pair(auto, sample, submission, scores).stream())
                .max(Comparator.comparingDouble(PairFacts::margin));
    }

    private static Optional<PairFacts> pair(
            AutoAlign auto,
            SampleState sample,
            SampleSubmitted submission,
            List<CandidateScore> scores) {
        var byComposite = Comparator.comparingDouble(CandidateScore::composite);
        var best = scores.stream().max(byComposite);
        var worst = scores.stream().min(byComposite);
        if (best.isEmpty()) {
            return Optional.empty();
        }
        double gap = best.get().composite() - worst.get().composite();
        var winner = candidate(sample, best.get().seed());
        var loser = candidate(sample, worst.get().seed());
        if (!(gap > 0 && gap >= auto.minimumGap())
                || winner.isEmpty()
                || loser.isEmpty()
                || winner.get().video().sha256().equals(loser.get().video().sha256())) {
            return Optional.empty();
        }
        return Optional.of(facts(sample, submission, winner.get(), loser.get(), gap));
    }

    private static PairFacts facts(
            SampleState sample,
            SampleSubmitted submission,
            CandidateResult winner,
            CandidateResult loser,
            double gap) {
        GeneratorUse used = winner.used();
        return new PairFacts(
                AutoAlign.RANKING,
                submission.sampleId(),
                results(sample, PromptResult.class).stream()
                        .findFirst()
                        .map(PromptResult::prompt)
                        .orElse(submission.originalPrompt()),
                submission.image(),
                winner.video(),
                loser.video(),
                gap,
                used == null ? "" : used.family(),
                used == null ? "" : used.baseFingerprint(),
                submission.configuration().candidate().withSeed(winner.seed()).withSeed(0),
                loser.seed());
    }

    private static Optional<CandidateResult> candidate(SampleState sample, long seed) {
        return results(sample, CandidateResult.class).stream()
                .filter(c -> c.seed() == seed && !c.preliminary())
                .findFirst();
    }

    private static <R> List<R> results(SampleState sample, Class<R> type) {
        return sample.works().values().stream()
                .map(WorkState::result)
                .filter(Objects::nonNull)
                .filter(type::isInstance)
                .map(type::cast)
                .toList();
    }
}
