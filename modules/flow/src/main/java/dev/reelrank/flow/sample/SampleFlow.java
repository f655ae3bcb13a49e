package dev.reelrank.flow.sample;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Effect.News;
import dev.reelrank.flow.Effect.Note;
import dev.reelrank.flow.Effect.Sample;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.flow.work.Limits;
import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.Verdict;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.Ids;
import dev.reelrank.pipeline.StageException;
import dev.reelrank.pipeline.event.CancelRequested;
import dev.reelrank.pipeline.event.Producer;
import dev.reelrank.pipeline.event.RetryRequested;
import dev.reelrank.pipeline.event.SampleFact;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.SampleSubmitted;
import dev.reelrank.pipeline.event.SampleUpdated;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.stage.PreferenceVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides what follows from an event for the sample it is about. Every method is a function of its
 * arguments: the same event after the same state gives the same effects.
 */
public final class SampleFlow {
    private final SamplePath path;
    private final Limits limits;
    private final WorkJudge judge;
    private final Inheritance inheritance;

    /**
     * @param path which stages a sample passes, and what it asks of them
     * @param self signs the facts that no worker made: prompts that users wrote
     */
    public SampleFlow(SamplePath path, Limits limits, Producer self) {
        this.path = Objects.requireNonNull(path, "path is null");
        this.limits = Objects.requireNonNull(limits, "limits is null");
        this.judge = new WorkJudge(limits, path.stages());
        this.inheritance = new Inheritance(path, self);
    }

    /** A sample is submitted: for the first time, again, or for a retry. */
    public Decision<SampleState> submitted(
            @Nullable SampleState state,
            SampleSubmitted event,
            PreferenceVersion preference,
            Instant now) {
        if (state == null) {
            return first(event, preference, now);
        }
        var before = state.submission();
        if (before != null && before.submissionId().equals(event.submissionId())) {
            // Sending again what may not have arrived is how a submission is resumed, no retry.
            return repeated(state, event, "this submission has already sent it");
        }
        switch (state.told().status()) {
            case RUNNING -> {
                return repeated(
                        state, event, "it was submitted before: a sample counts once per run");
            }
            case DONE -> {
                return repeated(state, event, "it is already done in this run: nothing to do");
            }
            default -> {
                return before == null
                        ? tooLate(state, event.submissionId(), now)
                        : again(state, before, event, preference, now);
            }
        }
    }

    /** A failed sample that is submitted again is retried. */
    private Decision<SampleState> again(
            SampleState state,
            SampleSubmitted before,
            SampleSubmitted event,
            PreferenceVersion preference,
            Instant now) {
        var move = new SampleMove(path, state.submittedBy(event.submissionId()), preference, now);
        if (!sameContent(before, event)) {
            move.note(
                    true,
                    "its content differs from the first submission; the first content is retried. Submit the new content to a new run");
        }
        retry(move);
        return move.done(event.submissionId());
    }

    /** A user requests a retry of the failed work. */
    public Decision<SampleState> retried(
            @Nullable SampleState state,
            RetryRequested event,
            PreferenceVersion preference,
            Instant now) {
        if (state == null) {
            return Decision.nothing(
                    null,
                    Note.warning(
                            "retry of %s/%s: there is no such sample in this run"
                                    .formatted(event.runId(), event.sampleId())));
        }
        if (state.submission() == null) {
            return tooLate(state, null, now);
        }
        var move = new SampleMove(path, state, preference, now);
        retry(move);
        return move.done(null);
    }

    /** A user no longer wants it. */
    public Decision<SampleState> cancelled(
            @Nullable SampleState state,
            CancelRequested event,
            PreferenceVersion preference,
            Instant now) {
        var open = state == null ? List.<WorkState>of() : state.open();
        if (state == null || state.submission() == null || open.isEmpty()) {
            return Decision.nothing(
                    state,
                    Note.info(
                            "cancellation of %s/%s ignored: %s"
                                    .formatted(
                                            event.runId(),
                                            event.sampleId(),
                                            state == null
                                                    ? "there is no such sample in this run"
                                                    : "it has ended")));
        }
        var move = new SampleMove(path, state, preference, now);
        String message = "cancelled by " + event.by();
        for (var work : open) {
            move.giveUp(work, FailureCode.CANCELLED, message, null);
        }
        // Without it, a sample some of whose candidates exist would be ranked.
        var last = open.get(open.size() - 1).ref();
        move.abandon(
                new SampleFailure(
                        last.stage(),
                        last.seed(),
                        last.workId(),
                        last.epoch(),
                        FailureCode.CANCELLED,
                        message));
        move.advance();
        return move.done(null);
    }

    /** A worker reports. */
    public Decision<SampleState> reported(
            @Nullable SampleState state,
            WorkReport report,
            PreferenceVersion preference,
            Instant now) {
        var ref = report.work();
        var work = state == null ? null : state.works().get(ref.workId());
        if (state == null || work == null) {
            return Decision.nothing(
                    state,
                    Note.info(
                            "report on %s work %s of %s/%s ignored: flow does not wait for it"
                                    .formatted(
                                            ref.stage().id(),
                                            ref.workId(),
                                            ref.runId(),
                                            ref.sampleId())));
        }
        var move = new SampleMove(path, state, preference, now);
        var verdict = judge.judge(work, report);
        if (verdict instanceof Verdict.Ignored ignored) {
            move.note(false, named(work) + " report ignored: " + ignored.why());
            return move.done(null);
        }
        lose(move, report);
        apply(move, work, report, verdict);
        return move.done(null);
    }

    private static void lose(SampleMove move, WorkReport report) {
        long millis =
                report.body() instanceof WorkReport.Failed failed
                        ? failed.runMillis()
                        : report.body() instanceof WorkReport.Returned returned
                                ? returned.runMillis()
                                : 0;
        if (millis > 0) {
            move.lose(report.work().stage(), report.producer().deviceKind(), millis);
        }
    }

    /** Puts work on its queue again that the queue no longer holds. */
    public Decision<SampleState> vanished(
            SampleState state, Set<String> workIds, PreferenceVersion preference, Instant now) {
        var move = new SampleMove(path, state, preference, now);
        for (var work : state.open()) {
            if (workIds.contains(work.ref().workId())) {
                move.note(
                        true,
                        named(work)
                                + " disappeared from its queue without an outcome: emitted again");
                move.emitAgain(work);
            }
        }
        return move.done(null);
    }

    private Decision<SampleState> first(
            SampleSubmitted event, PreferenceVersion preference, Instant now) {
        var move = SampleMove.first(path, event, preference, now);
        move.effect(
                new Sample(
                        new SampleFact(
                                event.runId(),
                                event.sampleId(),
                                event.submissionId(),
                                event.originalPrompt(),
                                event.image(),
                                event.subject(),
                                event.userPrompt(),
                                event.configuration(),
                                inheritance.origin(event),
                                now)));
        var invalid = invalidId(event);
        if (invalid == null) {
            inheritance.apply(move, event);
            move.advance();
        } else {
            move.giveUp(move.work(path.first(), null), invalid.code(), message(invalid), null);
            move.advance();
        }
        return move.done(event.submissionId());
    }

    private void apply(SampleMove move, WorkState work, WorkReport report, Verdict verdict) {
        if (verdict instanceof Verdict.Noted noted) {
            move.put(noted.work());
        } else if (verdict instanceof Verdict.Again again) {
            move.note(true, named(work) + " is emitted again: " + again.why());
            move.emitAgain(again.work());
        } else if (verdict instanceof Verdict.Dead dead) {
            move.note(
                    true, named(work) + " failed for good: " + dead.code() + ": " + dead.message());
            move.giveUp(dead.work(), dead.code(), dead.message(), dead.cause());
            move.advance();
        } else if (verdict instanceof Verdict.Won won) {
            move.succeed(
                    work,
                    report.producer(),
                    won.success().computation(),
                    won.success().result(),
                    null);
            move.advance();
        } else if (verdict instanceof Verdict.Late late) {
            move.note(false, named(work) + " succeeded after it was declared failed: recorded");
            move.succeedLate(
                    work, report.producer(), late.success().computation(), late.success().result());
        } else if (verdict instanceof Verdict.InputLost lost) {
            inputLost(move, lost);
        }
    }

    private void inputLost(SampleMove move, Verdict.InputLost lost) {
        var work = lost.work();
        var maker = move.find(lost.lostWorkId());
        if (maker == null || !maker.is(Phase.SUCCEEDED) || !path.before(maker.ref(), work.ref())) {
            // An input of the submission, or of nobody: nothing here can make it again.
            move.giveUp(work, FailureCode.INPUT_LOST, lost.message(), lost.cause());
        } else if (move.repairs() >= limits.repairs()) {
            var message =
                    "%s; it was already made again %d times: check the store"
                            .formatted(lost.message(), move.repairs());
            move.giveUp(work, FailureCode.INPUT_LOST, message, lost.cause());
            var ref = work.ref();
            move.abandon(
                    new SampleFailure(
                            ref.stage(),
                            ref.seed(),
                            ref.workId(),
                            ref.epoch(),
                            FailureCode.INPUT_LOST,
                            message));
        } else {
            move.note(true, named(work) + " lost its input: " + named(maker) + " is done again");
            move.repairs(move.repairs() + 1);
            move.nextEpoch();
            move.reopenAfter(maker.ref());
            move.put(maker.reopenedLater());
        }
        move.advance();
    }

    private void retry(SampleMove move) {
        var failed =
                new ArrayList<>(move.works().stream().filter(w -> w.is(Phase.FAILED)).toList());
        // Which weights the workers have now, flow does not know: all of that stage is asked for
        // again. What was made with these is found in the store.
        for (var other : move.otherWeights()) {
            move.works().stream()
                    .filter(w -> w.ref().stage().equals(other.ref().stage()))
                    .filter(w -> w.is(Phase.SUCCEEDED) && !failed.contains(w))
                    .forEach(failed::add);
        }
        if (failed.isEmpty()) {
            move.note(true, "none of its work has failed: nothing to retry");
            return;
        }
        move.nextEpoch();
        move.repairs(0);
        var first = failed.get(0).ref();
        for (var work : failed) {
            first = path.before(work.ref(), first) ? work.ref() : first;
            var late = work.result();
            // A success that came after the dead letter is already a fact; the retry uses it.
            move.put(
                    late == null || work.is(Phase.SUCCEEDED)
                            ? work.reopenedLater()
                            : work.succeeded(late, work.fingerprint()));
        }
        move.reopenAfter(first);
        move.advance();
    }

    /**
     * The payload has been removed; the answer stands on {@code runs}, in front of the failures.
     */
    private static Decision<SampleState> tooLate(
            SampleState state, @Nullable String submissionId, Instant now) {
        var told = state.told();
        var message =
                "the payloads of run %s have been removed, so it cannot be retried there; use replay"
                        .formatted(told.runId());
        var note = Note.warning("sample " + state.key() + ": " + message);
        var effects = new ArrayList<Effect>(List.of(note));
        if (submissionId != null) {
            effects.add(news(told, submissionId));
        }
        if (told.failures().stream().anyMatch(f -> f.message().equals(message))) {
            return new Decision<>(state, effects);
        }
        var failures = new ArrayList<SampleFailure>();
        failures.add(
                new SampleFailure(
                        told.stage(),
                        null,
                        Ids.workId(told.runId(), told.sampleId(), told.stage(), null),
                        told.epoch(),
                        FailureCode.INVALID_SAMPLE,
                        message));
        failures.addAll(told.failures());
        var answer =
                new SampleUpdated(
                        told.runId(),
                        told.sampleId(),
                        told.status(),
                        told.partial(),
                        told.epoch(),
                        told.stage(),
                        failures,
                        now,
                        told.lost(),
                        told.restsOn());
        effects.add(new Effect.SampleStatus(answer));
        return new Decision<>(
                new SampleState(null, answer, state.repairs(), state.beyondRepair(), state.works()),
                effects);
    }

    private static Decision<SampleState> repeated(
            SampleState state, SampleSubmitted event, String why) {
        var told = state.told();
        var note = Note.warning("sample " + state.key() + ": " + why);
        // The run counts it for the submission too.
        return new Decision<>(state, List.of(note, news(told, event.submissionId())));
    }

    private static News news(SampleUpdated told, String submissionId) {
        return new News(
                new SampleNews(
                        told.runId(),
                        told.sampleId(),
                        submissionId,
                        told.status(),
                        told.partial()));
    }

    private static boolean sameContent(SampleSubmitted a, SampleSubmitted b) {
        return a.originalPrompt().equals(b.originalPrompt())
                && a.image().sha256().equals(b.image().sha256())
                && Objects.equals(a.subject(), b.subject())
                && Objects.equals(a.userPrompt(), b.userPrompt())
                && a.configuration().equals(b.configuration());
    }

    private static @Nullable StageException invalidId(SampleSubmitted event) {
        try {
            Ids.requireRunId(event.runId());
            Ids.requireSampleId(event.sampleId());
            return null;
        } catch (StageException e) {
            return e;
        }
    }

    private static String message(StageException e) {
        return Objects.requireNonNullElse(e.getMessage(), e.code().name());
    }

    private static String named(WorkState work) {
        var seed = work.ref().seed();
        return work.ref().stage().id()
                + (seed == null ? "" : " of seed " + seed)
                + " (epoch "
                + work.ref().epoch()
                + ")";
    }
}
