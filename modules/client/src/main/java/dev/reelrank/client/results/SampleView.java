package dev.reelrank.client.results;

import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.Stages;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the facts say about one sample of a run: of every piece of work the fact of the latest
 * epoch.
 */
public final class SampleView {
    private final String sampleId;
    private final Map<String, StageFact> facts = new TreeMap<>();
    private @Nullable SampleFact sample;
    private @Nullable SampleUpdated update;

    SampleView(String sampleId) {
        this.sampleId = sampleId;
    }

    public String sampleId() {
        return sampleId;
    }

    void take(SampleFact fact) {
        sample = fact;
    }

    void take(StageFact fact) {
        facts.merge(
                fact.work().workId(), fact, (a, b) -> a.work().epoch() > b.work().epoch() ? a : b);
    }

    void take(SampleUpdated latest) {
        update = latest;
    }

    public Optional<SampleFact> sample() {
        return Optional.ofNullable(sample);
    }

    public Optional<SampleUpdated> update() {
        return Optional.ofNullable(update);
    }

    public boolean terminal() {
        return update != null && update.status() != SampleUpdated.Status.RUNNING;
    }

    /** Every fact, the stages in their order, candidates in the order of the configured seeds. */
    public List<StageFact> facts() {
        List<Long> seeds = sample == null ? List.of() : sample.configuration().candidate().seeds();
        var ordered = new ArrayList<>(facts.values());
        ordered.sort(
                Comparator.comparing((StageFact f) -> f.work().stage(), Stages.STANDARD::compare)
                        .thenComparing(
                                f -> f.work().seed() == null ? 0 : place(seeds, f.work().seed())));
        return ordered;
    }

    /** Seeds that were tried beside the configured ones come behind them. */
    private static long place(List<Long> seeds, long seed) {
        int at = seeds.indexOf(seed);
        return at >= 0 ? at : seeds.size() + seed;
    }

    public Optional<PromptResult> prompt() {
        return result(StageName.PROMPT, PromptResult.class);
    }

    public Optional<RankingResult> ranking() {
        return result(StageName.RANKING, RankingResult.class);
    }

    public Optional<GradeResult> grade() {
        return result(StageName.GRADE, GradeResult.class);
    }

    /** The candidates that exist, in the order of the configured seeds. */
    public List<CandidateResult> candidates() {
        return facts().stream()
                .map(StageFact::result)
                .filter(CandidateResult.class::isInstance)
                .map(CandidateResult.class::cast)
                .toList();
    }

    /** The chosen candidate. */
    public Optional<CandidateResult> winner() {
        return ranking()
                .flatMap(
                        r ->
                                candidates().stream()
                                        .filter(c -> c.seed() == r.winner().seed())
                                        .findFirst());
    }

    public Optional<StageFact> fact(StageName stage) {
        return facts.values().stream().filter(f -> f.work().stage().equals(stage)).findFirst();
    }

    private <R> Optional<R> result(StageName stage, Class<R> type) {
        return fact(stage).map(StageFact::result).map(type::cast);
    }
}
