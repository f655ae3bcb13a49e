package dev.reelrank.flow.sample;

import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.PromptLength;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.PromptRequest;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.RankingResult.CandidateScore;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What a sample brings with it: facts of an earlier run, or a prompt that the user wrote. A fact is
 * taken over only if everything it was made from is taken over too.
 */
final class Inheritance {
    private final SamplePath path;
    private final Producer self;

    Inheritance(SamplePath path, Producer self) {
        this.path = path;
        this.self = self;
    }

    /** The run that the inherited facts come from, null without any. */
    @Nullable String origin(SampleSubmitted event) {
        return event.inherited().isEmpty() ? null : origin(event.inherited().get(0));
    }

    void apply(SampleMove move, SampleSubmitted event) {
        if (!prompt(move, event)) {
            if (!event.inherited().isEmpty() && event.userPrompt() == null) {
                move.note(
                        true, "it inherits no prompt, so the other facts are not inherited either");
            }
            return;
        }
        if (event.configuration().candidate().prunes()) {
            drafts(move, event);
        }
        boolean all = true;
        for (long seed : move.seeds()) {
            all &= take(move, latest(event.inherited(), StageName.CANDIDATE, seed));
        }
        var ranking = latest(event.inherited(), StageName.RANKING, null);
        if (ranking == null || !holds(move, ranking)) {
            return;
        }
        if (!all) {
            missing(move, ranking);
        }
        take(move, ranking);
        for (var stage : path.stages().ofSample()) {
            if (path.stages().before(StageName.RANKING, stage)) {
                take(move, latest(event.inherited(), stage, null));
            }
        }
    }

    /**
     * A comparison of drafts stands, whatever number goes on, if it is of all the drafts that came
     * and no other one is to come.
     */
    private void drafts(SampleMove move, SampleSubmitted event) {
        var prune = event.configuration().candidate().prune();
        boolean all = true;
        for (long seed : move.seeds()) {
            var draft = latest(event.inherited(), StageName.CANDIDATE, seed, true);
            all &=
                    draft != null
                            && prune != null
                            && draft.result() instanceof CandidateResult made
                            && Objects.equals(made.pausedAfter(), prune.after())
                            && take(move, draft);
        }
        boolean noneToCome = all || latest(event.inherited(), StageName.RANKING, null) != null;
        var compared = latest(event.inherited(), StageName.RANKING, null, true);
        if (compared != null
                && noneToCome
                && compared.result() instanceof RankingResult r
                && seeds(r.candidates(), CandidateScore::seed)
                        .equals(seeds(Earlier.comparableDrafts(move), CandidateVideo::seed))) {
            take(move, compared);
        }
    }

    private static <T> Set<Long> seeds(List<T> of, Function<T, Long> seed) {
        return of.stream().map(seed).collect(Collectors.toSet());
    }

    /** Whether what follows the prompt may be taken over. */
    private boolean prompt(SampleMove move, SampleSubmitted event) {
        var inherited = latest(event.inherited(), StageName.PROMPT, null);
        var text = event.userPrompt();
        if (text == null) {
            return take(move, inherited);
        }
        if (inherited != null
                && inherited.result() instanceof PromptResult p
                && p.prompt().equals(text)) {
            return take(move, inherited);
        }
        var work = move.work(StageName.PROMPT, null);
        if (text.isBlank()) {
            move.giveUp(
                    work,
                    FailureCode.EMPTY_PROMPT,
                    "the edited prompt of sample '%s' is empty; write one or remove its file"
                            .formatted(event.sampleId()),
                    null);
            return false;
        }
        try {
            PromptLength.require(text, "the edited prompt of sample '" + event.sampleId() + "'");
        } catch (StageException e) {
            move.giveUp(work, e.code(), String.valueOf(e.getMessage()), null);
            return false;
        }
        var config = event.configuration().prompt();
        var result =
                new PromptResult(
                        text,
                        config.mode(),
                        PromptResult.Source.USER,
                        text.strip().split("\\s+").length,
                        0,
                        null,
                        List.of());
        var key = InputKey.of(0, new PromptRequest(text, event.image(), config), "user", "none");
        var computation =
                new Computation(key, 0, "user", "none", "cpu", false, 0, 0, Map.of(), Map.of());
        move.succeed(work, self, computation, result, null);
        return false;
    }

    private boolean take(SampleMove move, @Nullable StageFact fact) {
        if (fact == null) {
            return false;
        }
        var ref = fact.work();
        if (fact.result().getClass() != path.stages().of(ref.stage()).result()) {
            move.note(
                    true,
                    "an inherited "
                            + ref.stage().id()
                            + " fact contains another stage's result: not inherited");
            return false;
        }
        move.succeed(
                move.work(ref.stage(), ref.seed(), part(fact)),
                fact.producer(),
                fact.computation(),
                fact.result(),
                origin(fact));
        return true;
    }

    /** A ranking stands only if its winner came with it. */
    private static boolean holds(SampleMove move, StageFact ranking) {
        boolean holds =
                ranking.result() instanceof RankingResult r
                        && move.seeds().contains(r.winner().seed())
                        && move.work(StageName.CANDIDATE, r.winner().seed()).is(Phase.SUCCEEDED);
        if (!holds) {
            move.note(
                    true,
                    "the winner of its inherited ranking is not inherited: it is ranked again");
        }
        return holds;
    }

    /** Seeds that were not there when the inherited ranking was made stay out, as failed ones. */
    private static void missing(SampleMove move, StageFact ranking) {
        // One that stays out can leave its place to another one, which stays out too.
        for (long before = -1, after = 0; before != after; ) {
            before = after;
            markMissing(move, ranking);
            after = move.works().stream().filter(w -> w.is(Phase.FAILED)).count();
        }
    }

    private static void markMissing(SampleMove move, StageFact ranking) {
        for (long seed : move.seeds()) {
            var work = move.work(StageName.CANDIDATE, seed);
            var draft = move.work(StageName.CANDIDATE, seed, DraftStep.PART);
            boolean prunes = move.sample().configuration().candidate().prunes();
            if (!work.is(Phase.WAITING)) {
                continue;
            }
            if (prunes && !draft.is(Phase.SUCCEEDED)) {
                move.put(draft.failed(absent(draft, ranking)));
            } else if (!prunes || CandidateStep.goesOn(move, seed)) {
                move.put(work.failed(absent(work, ranking)));
            }
        }
    }

    private static SampleFailure absent(WorkState work, StageFact ranking) {
        var ref = work.ref();
        return new SampleFailure(
                ref.stage(),
                ref.seed(),
                ref.workId(),
                ref.epoch(),
                FailureCode.NO_CANDIDATE,
                "seed %d had no candidate in run %s when its ranking was made"
                        .formatted(ref.seed(), origin(ranking)));
    }

    private static String part(StageFact fact) {
        if (!fact.result().preliminary()) {
            return "";
        }
        return fact.work().stage().equals(StageName.CANDIDATE) ? DraftStep.PART : PreviewStep.PART;
    }

    private static @Nullable StageFact latest(
            List<StageFact> facts, StageName stage, @Nullable Long seed) {
        return latest(facts, stage, seed, false);
    }

    private static @Nullable StageFact latest(
            List<StageFact> facts, StageName stage, @Nullable Long seed, boolean preliminary) {
        StageFact latest = null;
        for (var fact : facts) {
            var ref = fact.work();
            if (ref.stage().equals(stage)
                    && fact.result().preliminary() == preliminary
                    && Objects.equals(ref.seed(), seed)
                    && (latest == null || ref.epoch() >= latest.work().epoch())) {
                latest = fact;
            }
        }
        return latest;
    }

    private static String origin(StageFact fact) {
        return fact.inheritedFrom() != null ? fact.inheritedFrom() : fact.work().runId();
    }
}
