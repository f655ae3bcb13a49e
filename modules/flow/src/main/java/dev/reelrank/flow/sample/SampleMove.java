package dev.reelrank.flow.sample;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageName;
import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.SampleUpdated.Status;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.CandidateResult;
import dev.reelrank.pipeline.stage.CandidateVideo;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import dev.reelrank.pipeline.stage.PromptResult;
import dev.reelrank.pipeline.stage.RankingResult;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One decision about one sample in the making: it starts from a state, collects effects, and ends
 * with {@link #done}. Lives for one event.
 */
final class SampleMove {
    private final SampleSubmitted sample;
    private final SampleUpdated before;
    private final PreferenceVersion preference;
    private final Instant now;
    private final Requests requests;
    private final Map<String, WorkState> works;
    private final List<Effect> effects = new ArrayList<>();
    private boolean fresh;
    private Status status;
    private int epoch;
    private int repairs;
    private @Nullable SampleFailure beyondRepair;

    /** Goes on with a sample whose payload is there. */
    SampleMove(SampleState state, PreferenceVersion preference, Instant now) {
        this.sample = Objects.requireNonNull(state.submission(), "the payload has been removed");
        this.before = state.told();
        this.preference = preference;
        this.now = now;
        this.requests = new Requests(sample);
        this.works = new LinkedHashMap<>(state.works());
        this.status = before.status();
        this.epoch = before.epoch();
        this.repairs = state.repairs();
        this.beyondRepair = state.beyondRepair();
    }

    /** Begins with a sample nobody has heard of. */
    static SampleMove first(SampleSubmitted sample, PreferenceVersion preference, Instant now) {
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
                        StageName.PROMPT,
                        List.of(),
                        now);
        var move = new SampleMove(new SampleState(kept, told, 0, null, Map.of()), preference, now);
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

    SampleSubmitted sample() {
        return sample;
    }

    List<Long> seeds() {
        return sample.configuration().candidate().seeds();
    }

    WorkState work(StageName stage, @Nullable Long seed) {
        var id = Ids.workId(sample.runId(), sample.sampleId(), stage, seed);
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
        put(work.succeeded(result));
        fact(work.ref(), producer, computation, result, inheritedFrom);
    }

    void succeedLate(
            WorkState work, Producer producer, Computation computation, StageResult result) {
        put(work.answeredLate(result));
        fact(work.ref(), producer, computation, result, null);
    }

    /** Puts the same question on the queue again. */
    void emitAgain(WorkState work) {
        var again = work.emittedAgain(now);
        put(again);
        effects.add(new Effect.Work(again.item()));
    }

    /** Gives work up: a dead letter. */
    void giveUp(WorkState work, FailureCode code, String message, @Nullable String cause) {
        var ref = work.ref();
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

    /** What follows a stage is asked anew once its inputs are there. */
    void reopenAfter(StageName stage) {
        for (var work : works()) {
            if (work.ref().stage().compareTo(stage) > 0 && !work.is(Phase.WAITING)) {
                put(work.reopenedLater());
            }
        }
    }

    /** Opens whatever has its inputs, as far as that goes. */
    void advance() {
        status = beyondRepair != null ? Status.FAILED : next();
    }

    private Status next() {
        var prompt = work(StageName.PROMPT, null);
        if (prompt.is(Phase.WAITING)) {
            if (sample.originalPrompt().isBlank()) {
                giveUp(
                        prompt,
                        FailureCode.EMPTY_PROMPT,
                        "the prompt of sample '%s' is empty; write one and submit it to a new run"
                                .formatted(sample.sampleId()),
                        null);
                return Status.FAILED;
            }
            open(prompt, requests.prompt());
            return Status.RUNNING;
        }
        if (!prompt.is(Phase.SUCCEEDED)) {
            return prompt.is(Phase.FAILED) ? Status.FAILED : Status.RUNNING;
        }
        return candidates((PromptResult) result(prompt));
    }

    private Status candidates(PromptResult prompt) {
        var videos = new ArrayList<CandidateVideo>();
        boolean open = false;
        for (long seed : seeds()) {
            var work = work(StageName.CANDIDATE, seed);
            if (work.is(Phase.WAITING)) {
                open(work, requests.candidate(prompt, seed));
                open = true;
            } else if (work.is(Phase.OPEN)) {
                open = true;
            } else if (work.is(Phase.SUCCEEDED)) {
                videos.add(Requests.video((CandidateResult) result(work), work.ref().workId()));
            }
        }
        if (open) {
            return Status.RUNNING;
        }
        return videos.isEmpty() ? Status.FAILED : ranking(prompt, videos);
    }

    private Status ranking(PromptResult prompt, List<CandidateVideo> videos) {
        var ranking = work(StageName.RANKING, null);
        if (ranking.is(Phase.WAITING)) {
            open(ranking, requests.ranking(prompt, videos));
            return Status.RUNNING;
        }
        if (!ranking.is(Phase.SUCCEEDED)) {
            return ranking.is(Phase.FAILED) ? Status.FAILED : Status.RUNNING;
        }
        var chosen = (RankingResult) result(ranking);
        var winner =
                videos.stream()
                        .filter(v -> v.seed() == chosen.winner().seed())
                        .findFirst()
                        .orElseThrow(
                                () ->
                                        new IllegalStateException(
                                                "the winner of %s is no candidate: seed %d"
                                                        .formatted(
                                                                before.sampleId(),
                                                                chosen.winner().seed())));
        var grade = work(StageName.GRADE, null);
        if (grade.is(Phase.WAITING)) {
            open(grade, requests.grade(prompt, chosen, winner, preference));
            return Status.RUNNING;
        }
        // A sample whose grading failed still has its video: done, without a grade.
        return grade.is(Phase.OPEN) ? Status.RUNNING : Status.DONE;
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
        var stage = StageName.PROMPT;
        int seeds = seeds().size();
        int failedSeeds = 0;
        for (var work : works.values()) {
            var failure = work.failure();
            if (work.is(Phase.FAILED) && failure != null) {
                failures.add(failure);
                failedSeeds += work.ref().stage() == StageName.CANDIDATE ? 1 : 0;
            }
            if (!work.is(Phase.WAITING) && work.ref().stage().compareTo(stage) > 0) {
                stage = work.ref().stage();
            }
        }
        failures.sort(Comparator.comparing(SampleFailure::stage));
        if (beyondRepair != null) {
            failures.remove(beyondRepair);
            failures.add(beyondRepair);
        }
        boolean partial = failedSeeds > 0 && failedSeeds < seeds;
        var told =
                new SampleUpdated(
                        before.runId(),
                        before.sampleId(),
                        status,
                        partial,
                        epoch,
                        stage,
                        failures,
                        before.at());
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
                        now);
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
