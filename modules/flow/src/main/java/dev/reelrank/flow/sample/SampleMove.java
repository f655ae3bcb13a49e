package dev.reelrank.flow.sample;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.LostTime;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.GradeResult;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One decision about one sample in the making: it starts from a state, collects effects, and ends
 * with {@link #done}. Lives for one event.
 */
final class SampleMove implements SampleSoFar {
    private static final int LONGEST_REASON = 2_000;

    private final SamplePath path;
    private final SampleSubmitted sample;
    private final SampleUpdated before;
    private final PreferenceVersion preference;
    private final Instant now;
    private final Map<String, WorkState> works;
    private final List<Effect> effects = new ArrayList<>();
    private boolean fresh;
    private Status status;
    private int epoch;
    private int repairs;
    private @Nullable SampleFailure beyondRepair;
    private List<LostTime> lost;

    /** Goes on with a sample whose payload is there. */
    SampleMove(SamplePath path, SampleState state, PreferenceVersion preference, Instant now) {
        this.path = path;
        this.sample = Objects.requireNonNull(state.submission(), "the payload has been removed");
        this.before = state.told();
        this.preference = preference;
        this.now = now;
        this.works = new LinkedHashMap<>(state.works());
        this.status = before.status();
        this.epoch = before.epoch();
        this.repairs = state.repairs();
        this.beyondRepair = state.beyondRepair();
        this.lost = state.told().lost();
    }

    /** Begins with a sample without state. */
    static SampleMove first(
            SamplePath path, SampleSubmitted sample, PreferenceVersion preference, Instant now) {
        var kept =
                new SampleSubmitted(
                        sample.runId(),
                        sample.submissionId(),
                        sample.sampleId(),
                        sample.originalPrompt(),
                        sample.image(),
                        sample.subject(),
                        sample.userPrompt(),
                        sample.configuration(),
                        List.of(),
                        sample.at());
        var told =
                new SampleUpdated(
                        sample.runId(),
                        sample.sampleId(),
                        Status.RUNNING,
                        false,
                        0,
                        path.first(),
                        List.of(),
                        now);
        var move =
                new SampleMove(
                        path, new SampleState(kept, told, 0, null, Map.of()), preference, now);
        move.fresh = true;
        return move;
    }

    Effect.Note note(boolean warning, String text) {
        var note =
                new Effect.Note(
                        warning,
                        "sample " + sample.runId() + "/" + sample.sampleId() + ": " + text);
        effects.add(note);
        return note;
    }

    void effect(Effect effect) {
        effects.add(effect);
    }

    @Override
    public SampleSubmitted sample() {
        return sample;
    }

    @Override
    public List<Long> seeds() {
        var candidate = sample.configuration().candidate();
        var all = new ArrayList<>(candidate.candidateSeeds());
        candidate.furtherSeeds().stream()
                .filter(s -> works.containsKey(work(StageName.CANDIDATE, s).ref().workId()))
                .forEach(all::add);
        return all;
    }

    WorkState work(StageName stage, @Nullable Long seed) {
        return work(stage, seed, "");
    }

    WorkState work(StageName stage, @Nullable Long seed, String part) {
        var id = Ids.workId(sample.runId(), sample.sampleId(), stage, seed, part);
        var known = works.get(id);
        return known != null
                ? known
                : WorkState.waiting(
                        new WorkRef(id, sample.runId(), sample.sampleId(), stage, seed, epoch));
    }

    @Nullable WorkState find(@Nullable String workId) {
        return workId == null ? null : works.get(workId);
    }

    List<WorkState> works() {
        return List.copyOf(works.values());
    }

    void put(WorkState work) {
        works.put(work.ref().workId(), work);
    }

    /** A fact of this run: computed, inherited, or written by the user. */
    void succeed(
            WorkState work,
            Producer producer,
            Computation computation,
            StageResult result,
            @Nullable String inheritedFrom) {
        put(work.succeeded(result, computation.fingerprint()));
        fact(work.ref(), producer, computation, result, inheritedFrom);
    }

    void succeedLate(
            WorkState work, Producer producer, Computation computation, StageResult result) {
        put(work.answeredLate(result, computation.fingerprint()));
        fact(work.ref(), producer, computation, result, null);
    }

    /** Puts the same question on the queue again. */
    void emitAgain(WorkState work) {
        var again = work.emittedAgain(now);
        put(again);
        effects.add(new Effect.Work(again.item()));
    }

    /** Gives work up: a dead letter. */
    void giveUp(WorkState work, FailureCode code, String reason, @Nullable String cause) {
        var ref = work.ref();
        // The state keeps it, a hundred times for a hundred seeds.
        String message =
                reason.length() <= LONGEST_REASON
                        ? reason
                        : reason.substring(0, LONGEST_REASON) + " …";
        put(
                work.failed(
                        new SampleFailure(
                                ref.stage(),
                                ref.seed(),
                                ref.workId(),
                                ref.epoch(),
                                code,
                                message)));
        effects.add(new Effect.Dead(ref.stage(), work.deadLetter(code, message, cause, now)));
    }

    /** A device worked for nothing. */
    void lose(StageName stage, String deviceKind, long millis) {
        var all = new ArrayList<LostTime>();
        var sum = new LostTime(stage, deviceKind, 1, millis);
        for (var one : lost) {
            if (one.stage().equals(stage) && one.deviceKind().equals(deviceKind)) {
                sum = new LostTime(stage, deviceKind, one.attempts() + 1, one.millis() + millis);
            } else {
                all.add(one);
            }
        }
        all.add(sum);
        lost = all;
    }

    /** Opens an epoch: everything that is (re)opened from here on belongs to it. */
    void nextEpoch() {
        epoch++;
        status = Status.RUNNING;
        beyondRepair = null;
    }

    int repairs() {
        return repairs;
    }

    void repairs(int count) {
        repairs = count;
    }

    void abandon(SampleFailure why) {
        beyondRepair = why;
    }

    void open(WorkState work, StageRequest request) {
        var opened = work.opened(epoch, request, now);
        put(opened);
        effects.add(new Effect.Work(opened.item()));
    }

    /** Requests what follows on a piece of work again once its inputs exist. */
    void reopenAfter(WorkRef first) {
        for (var work : works()) {
            if (path.before(first, work.ref()) && !work.is(Phase.WAITING)) {
                put(work.reopenedLater());
            }
        }
    }

    /** Opens whatever has its inputs, as far as that goes. */
    void advance() {
        status = beyondRepair != null ? Status.FAILED : next();
        while (status == Status.DONE && tryFurtherSeed()) {
            status = next();
        }
    }

    /** One more candidate where the gate keeps none; false if it does, or none is left to try. */
    private boolean tryFurtherSeed() {
        boolean rejected =
                path.steps().stream().anyMatch(s -> s.stage().equals(StageName.GRADE))
                        && result(StageName.GRADE, null)
                                .map(GradeResult.class::cast)
                                .filter(g -> g.verdict() != null && !g.keep())
                                .isPresent();
        var tried = seeds();
        var left =
                sample.configuration().candidate().furtherSeeds().stream()
                        .filter(s -> !tried.contains(s))
                        .findFirst();
        if (!rejected || left.isEmpty()) {
            return false;
        }
        note(false, "the gate keeps none of its candidates: seed " + left.get() + " is tried");
        nextEpoch();
        put(work(StageName.CANDIDATE, left.get()));
        reopenAfter(work(StageName.CANDIDATE, left.get()).ref());
        return true;
    }

    private Status next() {
        for (var step : path.steps()) {
            var seeds = step.seeds(this);
            if (seeds.isEmpty() && step.part().isEmpty()) {
                return Status.FAILED;
            }
            boolean open = false;
            boolean found = false;
            for (var seed : seeds) {
                var work = work(step.stage(), seed, step.part());
                if (work.is(Phase.WAITING)) {
                    ask(step, work);
                    work = work(step.stage(), seed, step.part());
                }
                open |= work.is(Phase.OPEN);
                found |= work.is(Phase.SUCCEEDED);
            }
            if (open) {
                return Status.RUNNING;
            }
            if (!found && !step.dispensable()) {
                return Status.FAILED;
            }
        }
        return Status.DONE;
    }

    private void ask(SampleStep step, WorkState work) {
        StageRequest request;
        try {
            request = step.request(this, work.ref().seed());
        } catch (StageException e) {
            giveUp(work, e.code(), String.valueOf(e.getMessage()), null);
            return;
        }
        open(work, request);
    }

    @Override
    public Optional<StageResult> result(StageName stage, @Nullable Long seed, String part) {
        var work = work(stage, seed, part);
        return work.is(Phase.SUCCEEDED) ? Optional.of(result(work)) : Optional.empty();
    }

    @Override
    public boolean open(StageName stage, @Nullable Long seed) {
        return work(stage, seed).is(Phase.OPEN);
    }

    @Override
    public boolean failed(StageName stage, @Nullable Long seed) {
        return work(stage, seed).is(Phase.FAILED);
    }

    @Override
    public boolean alike(StageName stage, @Nullable Long seed, String part) {
        return !otherWeights(stage, part).contains(work(stage, seed, part));
    }

    /**
     * Succeeded work of a stage's part that was made with other weights than most of its model's.
     */
    private List<WorkState> otherWeights(StageName stage, String part) {
        var candidate = sample.configuration().candidate();
        var byModel = new LinkedHashMap<String, List<WorkState>>();
        for (long seed : seeds()) {
            byModel.computeIfAbsent(candidate.modelOf(seed), m -> new ArrayList<>())
                    .add(work(stage, seed, part));
        }
        return byModel.values().stream()
                .flatMap(works -> SameWeights.others(works).stream())
                .toList();
    }

    /** The same of all stages; empty as long as more of that stage is to come. */
    List<WorkState> otherWeights() {
        var all = new ArrayList<WorkState>();
        for (var step : path.steps()) {
            // Drafts of other weights go on, and are told then.
            var seeds = step.part().isEmpty() ? step.seeds(this) : List.<@Nullable Long>of();
            if (seeds.size() > 1
                    && seeds.stream()
                            .map(seed -> work(step.stage(), seed))
                            .allMatch(w -> w.is(Phase.SUCCEEDED) || w.is(Phase.FAILED))) {
                all.addAll(otherWeights(step.stage(), ""));
            }
        }
        return all;
    }

    @Override
    public String workId(StageName stage, @Nullable Long seed, String part) {
        return work(stage, seed, part).ref().workId();
    }

    @Override
    public PreferenceVersion preference() {
        return preference;
    }

    /**
     * @param submissionId of the submission that brought this about, null if none did
     */
    Decision<SampleState> done(@Nullable String submissionId) {
        var told = status();
        boolean changed = fresh || !told.equals(before);
        if (changed) {
            effects.add(new Effect.SampleStatus(told));
        }
        if (submissionId != null
                || told.status() != before.status()
                || told.partial() != before.partial()) {
            effects.add(
                    new Effect.News(
                            new SampleNews(
                                    told.runId(),
                                    told.sampleId(),
                                    submissionId,
                                    told.status(),
                                    told.partial())));
        }
        return new Decision<>(
                new SampleState(sample, changed ? told : before, repairs, beyondRepair, works),
                effects);
    }

    /** The status as it is now, with the former time if nothing else differs. */
    private SampleUpdated status() {
        var failures = new ArrayList<SampleFailure>();
        var stage = path.first();
        int seeds = seeds().size();
        int failedSeeds = 0;
        for (var work : works.values()) {
            var failure = work.failure();
            if (work.is(Phase.FAILED) && failure != null) {
                failures.add(failure);
                failedSeeds += work.ref().seed() != null ? 1 : 0;
            }
            StageName at = path.towards(work.ref());
            if (!work.is(Phase.WAITING) && path.stages().before(stage, at)) {
                stage = at;
            }
        }
        var others = otherWeights();
        others.forEach(work -> failures.add(SameWeights.notCompared(work)));
        failedSeeds += others.size();
        failures.sort((a, b) -> path.stages().compare(a.stage(), b.stage()));
        if (beyondRepair != null) {
            failures.remove(beyondRepair);
            failures.add(beyondRepair);
        }
        boolean partial = failedSeeds > 0 && failedSeeds < seeds;
        var restsOn = restsOn();
        var told =
                new SampleUpdated(
                        before.runId(),
                        before.sampleId(),
                        status,
                        partial,
                        epoch,
                        stage,
                        failures,
                        before.at(),
                        lost,
                        restsOn);
        return told.equals(before)
                ? before
                : new SampleUpdated(
                        before.runId(),
                        before.sampleId(),
                        status,
                        partial,
                        epoch,
                        stage,
                        failures,
                        now,
                        lost,
                        restsOn);
    }

    /** The facts of a sample that has ended; empty before. */
    private Map<String, Integer> restsOn() {
        var facts = new LinkedHashMap<String, Integer>();
        if (status != Status.RUNNING) {
            works.values().stream()
                    .filter(w -> w.is(Phase.SUCCEEDED))
                    .forEach(w -> facts.put(w.ref().workId(), w.ref().epoch()));
        }
        return facts;
    }

    private void fact(
            WorkRef ref,
            Producer producer,
            Computation computation,
            StageResult result,
            @Nullable String inheritedFrom) {
        effects.add(
                new Effect.Fact(
                        new StageFact(ref, producer, computation, result, inheritedFrom, now)));
    }

    private static StageResult result(WorkState work) {
        return Objects.requireNonNull(work.result(), "work that succeeded has a result");
    }
}
