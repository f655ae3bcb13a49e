package dev.reelrank.console.arena;

import dev.reelrank.client.results.RunView;
import dev.reelrank.client.results.SampleView;
import dev.reelrank.console.facts.Facts;
import dev.reelrank.console.web.Problem;
import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.VoteCast;
import dev.reelrank.pipeline.event.VoteCast.Shown;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which videos are compared: the candidates of one run, or the winners of two.
 *
 * @param first a run
 * @param second another run, null to compare the candidates of the first
 */
public record Contest(String first, @Nullable String second) {
    /**
     * Two videos of one sample.
     *
     * @param gap how far apart the reranker sees them, at least 0; 0 where it has not seen both
     */
    public record Pair(
            String sampleId, String prompt, BlobRef image, Shown one, Shown other, double gap) {
        /** The same whichever stands on the left. */
        String key() {
            return key(sampleId, one, other);
        }

        /** Of the pair that a vote is about. */
        static String key(VoteCast vote) {
            return key(vote.sampleId(), vote.left(), vote.right());
        }

        private static String key(String sampleId, Shown a, Shown b) {
            String x = a.runId() + "/" + a.seed();
            String y = b.runId() + "/" + b.seed();
            return sampleId + " " + (x.compareTo(y) < 0 ? x + " " + y : y + " " + x);
        }
    }

    /**
     * Every pair that can be shown now.
     *
     * @throws Problem 404 if a run does not exist
     */
    public List<Pair> pairs(Facts facts) {
        return second == null
                ? facts.run(first, Contest::candidates).orElseThrow(() -> missing(first))
                : winners(facts);
    }

    private static Problem missing(String run) {
        return Problem.notFound("there is no run '" + run + "'");
    }

    private static List<Pair> candidates(RunView run) {
        var pairs = new ArrayList<Pair>();
        for (SampleView sample : run.samples().values()) {
            if (sample.sample().isEmpty()) {
                continue;
            }
            SampleFact fact = sample.sample().get();
            Map<Long, Double> composites = composites(sample);
            List<CandidateResult> candidates = sample.candidates();
            for (int i = 0; i < candidates.size(); i++) {
                for (int j = i + 1; j < candidates.size(); j++) {
                    CandidateResult a = candidates.get(i);
                    CandidateResult b = candidates.get(j);
                    if (a.video().sha256().equals(b.video().sha256())) {
                        continue;
                    }
                    pairs.add(
                            new Pair(
                                    sample.sampleId(),
                                    fact.originalPrompt(),
                                    fact.image(),
                                    new Shown(run.runId(), a.seed(), a.video()),
                                    new Shown(run.runId(), b.seed(), b.video()),
                                    Math.abs(
                                            composites.getOrDefault(a.seed(), 0.0)
                                                    - composites.getOrDefault(b.seed(), 0.0))));
                }
            }
        }
        return pairs;
    }

    /** The composite of each candidate by its seed; empty before the sample has been ranked. */
    public static Map<Long, Double> composites(SampleView sample) {
        return sample.ranking()
                .map(
                        r ->
                                r.candidates().stream()
                                        .collect(
                                                Collectors.toMap(
                                                        CandidateScore::seed,
                                                        CandidateScore::composite)))
                .orElse(Map.of());
    }

    private List<Pair> winners(Facts facts) {
        String other = String.valueOf(second);
        Map<String, Shown> theirs =
                facts.run(other, Contest::won).orElseThrow(() -> missing(other));
        return facts.run(
                        first,
                        run -> {
                            var pairs = new ArrayList<Pair>();
                            won(run).forEach(
                                            (id, shown) -> {
                                                Shown their = theirs.get(id);
                                                var fact =
                                                        Objects.requireNonNull(
                                                                        run.samples().get(id))
                                                                .sample();
                                                if (their != null
                                                        && fact.isPresent()
                                                        && !their.video()
                                                                .sha256()
                                                                .equals(shown.video().sha256())) {
                                                    pairs.add(
                                                            new Pair(
                                                                    id,
                                                                    fact.get().originalPrompt(),
                                                                    fact.get().image(),
                                                                    shown,
                                                                    their,
                                                                    0));
                                                }
                                            });
                            return List.<Pair>copyOf(pairs);
                        })
                .orElseThrow(() -> missing(first));
    }

    private static Map<String, Shown> won(RunView run) {
        return run.samples().values().stream()
                .filter(s -> s.winner().isPresent())
                .collect(
                        Collectors.toMap(
                                SampleView::sampleId,
                                s ->
                                        new Shown(
                                                run.runId(),
                                                s.winner().orElseThrow().seed(),
                                                s.winner().orElseThrow().video())));
    }

    /** Whether a vote was about two videos of this contest. */
    public boolean includes(VoteCast vote) {
        String left = vote.left().runId();
        String right = vote.right().runId();
        return second == null
                ? (left.equals(first) && right.equals(first))
                : (left.equals(first) && right.equals(second))
                        || (left.equals(second) && right.equals(first));
    }

    /** What is ranked: the seeds of one run, or two runs. */
    public String contender(Shown shown) {
        return second == null ? "seed " + shown.seed() : shown.runId();
    }
}
