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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the facts say about one sample of a run: of every piece of work the fact of the latest
 * epoch.
 *
 * <p>Topics are not ordered among each other, so the word that a sample has ended may come before
 * the facts that it rests on. It counts from the moment on at which all of them are here; until
 * then the sample is as far as the word before says.
 */
public final class SampleView {
    private final String sampleId;
    private final Map<String, StageFact> facts = new TreeMap<>();
    private final Map<String, StageFact> superseded = new TreeMap<>();
    private @Nullable SampleFact sample;
    private @Nullable SampleUpdated told;
    private @Nullable SampleUpdated update;

    SampleView(String sampleId) {
        this.sampleId = sampleId;
    }

    public String sampleId() {
        return sampleId;
    }

    void take(SampleFact fact) {
        sample = fact;
        settle();
    }

    void take(StageFact fact) {
        StageFact other = facts.get(fact.work().workId());
        boolean later = other == null || other.work().epoch() <= fact.work().epoch();
        if (other != null && other.work().epoch() != fact.work().epoch()) {
            StageFact old = later ? other : fact;
            superseded.put(old.work().workId() + "@" + old.work().epoch(), old);
        }
        if (later) {
            facts.put(fact.work().workId(), fact);
        }
        settle();
    }

    void take(SampleUpdated latest) {
        told = latest;
        settle();
    }

    private void settle() {
        if (told != null && borneOut(told)) {
            update = told;
        }
    }

    private boolean borneOut(SampleUpdated word) {
        if (word.restsOn().isEmpty()) {
            return true;
        }
        return sample != null && word.restsOn().entrySet().stream().allMatch(this::isHere);
    }

    private boolean isHere(Map.Entry<String, Integer> wanted) {
        var fact = facts.get(wanted.getKey());
        return fact != null && fact.work().epoch() >= wanted.getValue();
    }

    public Optional<SampleFact> sample() {
        return Optional.ofNullable(sample);
    }

    /** The latest word on it that the facts here bear out. */
    public Optional<SampleUpdated> update() {
        return Optional.ofNullable(update);
    }

    public boolean terminal() {
        return update != null && update.status() != SampleUpdated.Status.RUNNING;
    }

    /**
     * Every fact, the stages in their order, candidates in the order of the configured seeds; the
     * drafts of candidates and their comparison among them, each before what it leads to.
     */
    public List<StageFact> facts() {
        List<Long> seeds =
                sample == null ? List.of() : sample.configuration().candidate().candidateSeeds();
        var ordered = new ArrayList<>(facts.values());
        ordered.sort(
                Comparator.comparing((StageFact f) -> f.work().stage(), Stages.STANDARD::compare)
                        .thenComparing(f -> !f.result().preliminary())
                        .thenComparing(
                                f -> f.work().seed() == null ? 0 : place(seeds, f.work().seed())));
        return ordered;
    }

    /**
     * Facts of earlier epochs in whose place others stand: a ranking and a grade before a further
     * seed was tried, for example. The sample does not rest on them, but they were paid for.
     */
    public List<StageFact> superseded() {
        return List.copyOf(superseded.values());
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

    /** What was drafted, in the order of the configured seeds; empty where nothing is pruned. */
    public List<CandidateResult> drafts() {
        return candidates(true);
    }

    /** How the drafts compared, empty where none were. */
    public Optional<RankingResult> comparison() {
        return facts.values().stream()
                .map(StageFact::result)
                .filter(r -> r instanceof RankingResult && r.preliminary())
                .map(RankingResult.class::cast)
                .findFirst();
    }

    /** The drafts that were compared and neither kept nor finished in the place of one that was. */
    public List<CandidateResult> pruned() {
        var compared = comparison();
        if (compared.isEmpty()) {
            return List.of();
        }
        int finished = sample == null ? 0 : sample.configuration().candidate().finished();
        var wentOn = new HashSet<Long>();
        compared.get().kept().stream().limit(finished).forEach(wentOn::add);
        candidates().forEach(made -> wentOn.add(made.seed()));
        update().map(SampleUpdated::failures).orElse(List.of()).stream()
                .filter(f -> f.stage().equals(StageName.CANDIDATE) && f.seed() != null)
                .forEach(f -> wentOn.add(f.seed()));
        return drafts().stream()
                .filter(d -> !wentOn.contains(d.seed()))
                .filter(
                        d ->
                                compared.get().candidates().stream()
                                        .anyMatch(c -> c.seed() == d.seed()))
                .toList();
    }

    public Optional<GradeResult> grade() {
        return result(StageName.GRADE, GradeResult.class);
    }

    /** The candidates that exist, in the order of the configured seeds. */
    public List<CandidateResult> candidates() {
        return candidates(false);
    }

    private List<CandidateResult> candidates(boolean preliminary) {
        return facts().stream()
                .map(StageFact::result)
                .filter(CandidateResult.class::isInstance)
                .filter(r -> r.preliminary() == preliminary)
                .map(CandidateResult.class::cast)
                .toList();
    }

    /** The generator of a candidate, by its name under the models root; empty if unknown. */
    public Optional<String> modelOf(long seed) {
        return Optional.ofNullable(sample).map(s -> s.configuration().candidate().modelOf(seed));
    }

    /**
     * How people tell a candidate from the others: its seed, and its model if there are several.
     */
    public String title(long seed) {
        return modelOfSeveral(seed).map(model -> model + ", ").orElse("") + "seed " + seed;
    }

    /** The same in a table, whose column says that it is of seeds. */
    public String seedTitle(long seed) {
        return modelOfSeveral(seed).map(model -> model + ", ").orElse("") + seed;
    }

    private Optional<String> modelOfSeveral(long seed) {
        boolean several = sample != null && !sample.configuration().candidate().models().isEmpty();
        return several ? modelOf(seed) : Optional.empty();
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

    /** A fact of a stage that is no draft and no comparison of drafts. */
    public Optional<StageFact> fact(StageName stage) {
        return facts.values().stream()
                .filter(f -> f.work().stage().equals(stage) && !f.result().preliminary())
                .findFirst();
    }

    private <R> Optional<R> result(StageName stage, Class<R> type) {
        return fact(stage).map(StageFact::result).map(type::cast);
    }
}
