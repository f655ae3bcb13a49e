package dev.reelrank.flow.beside;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.Effect.Note;
import dev.reelrank.flow.work.Phase;
import dev.reelrank.flow.work.Verdict;
import dev.reelrank.flow.work.WorkJudge;
import dev.reelrank.flow.work.WorkState;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.StageFact;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkRequested;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides about work beside the samples: a request opens it once, reports end it as a fact or a
 * dead letter, and what its queue has lost is emitted again. Of the work under one key one piece is
 * open at a time; the others wait.
 */
public final class BesideFlow {
    private final WorkJudge judge;

    public BesideFlow(WorkJudge judge) {
        this.judge = Objects.requireNonNull(judge, "judge is null");
    }

    /** Somebody asks for work. */
    public Decision<BesideState> requested(
            @Nullable BesideState state, WorkRequested event, Instant now) {
        var known = orEmpty(state);
        var ref = event.work();
        var before = known.works().get(ref.workId());
        if (before != null && before.is(Phase.OPEN)) {
            return Decision.nothing(known, Note.info(named(before) + " is under way already"));
        }
        if (before != null && ref.epoch() <= before.ref().epoch()) {
            return Decision.nothing(
                    known,
                    Note.info(
                            named(before)
                                    + " was asked for before and has ended: "
                                    + before.phase()));
        }
        if (known.open().isEmpty()) {
            return opened(known, event, now);
        }
        if (known.waiting().stream().anyMatch(w -> w.work().equals(ref))) {
            return Decision.nothing(known, Note.info(named(ref) + " is waiting already"));
        }
        return new Decision<>(
                known.withWaiting(event),
                List.of(
                        Note.info(
                                "%s waits until %s has ended"
                                        .formatted(named(ref), named(known.open().get(0))))));
    }

    private static Decision<BesideState> opened(
            BesideState state, WorkRequested event, Instant now) {
        var ref = event.work();
        var before = state.work(ref.workId());
        var work =
                (before == null ? WorkState.waiting(ref) : before)
                        .opened(ref.epoch(), event.request(), now);
        return new Decision<>(state.with(work), List.of(new Effect.Work(work.item())));
    }

    /** What waits comes next once nothing is open. */
    private Decision<BesideState> next(Decision<BesideState> ended, Instant now) {
        var state = Objects.requireNonNull(ended.state());
        if (state.waiting().isEmpty() || !state.open().isEmpty()) {
            return ended;
        }
        var following = requested(state.withoutFirstWaiting(), state.waiting().get(0), now);
        var effects = new ArrayList<>(ended.effects());
        effects.addAll(following.effects());
        // A request that was answered meanwhile opens nothing: the one after it may.
        return next(new Decision<>(following.state(), effects), now);
    }

    /** A worker reports. */
    public Decision<BesideState> reported(
            @Nullable BesideState state, WorkReport report, Instant now) {
        return next(judged(orEmpty(state), report, now), now);
    }

    private Decision<BesideState> judged(BesideState known, WorkReport report, Instant now) {
        var work = known.works().get(report.work().workId());
        if (work == null) {
            return Decision.nothing(
                    known,
                    Note.info(
                            "report on %s work %s ignored: flow does not wait for it"
                                    .formatted(report.work().stage(), report.work().workId())));
        }
        var verdict = judge.judge(work, report);
        if (verdict instanceof Verdict.Noted noted) {
            return new Decision<>(known.with(noted.work()), List.of());
        } else if (verdict instanceof Verdict.Again again) {
            return again(known, again.work(), "is tried again: " + again.why(), now);
        } else if (verdict instanceof Verdict.Dead dead) {
            return dead(known, dead.work(), dead.code(), dead.message(), dead.cause(), now);
        } else if (verdict instanceof Verdict.InputLost lost) {
            // What it was made from belongs to others: whoever asked may have it made anew.
            return dead(
                    known, lost.work(), FailureCode.INPUT_LOST, lost.message(), lost.cause(), now);
        } else if (verdict instanceof Verdict.Won won) {
            return fact(known.with(work.ended()), work, report, won.success(), now);
        } else if (verdict instanceof Verdict.Late late) {
            return fact(
                    known.with(
                            work.answeredLate(
                                    late.success().result(),
                                    late.success().computation().fingerprint())),
                    work,
                    report,
                    late.success(),
                    now);
        }
        return Decision.nothing(known, Note.info(named(work) + " report ignored: " + verdict));
    }

    /** Puts work on its queue again that the queue no longer holds. */
    public Decision<BesideState> vanished(BesideState state, Set<String> workIds, Instant now) {
        var next = state;
        var effects = new ArrayList<Effect>();
        for (var work : state.open()) {
            if (workIds.contains(work.ref().workId())) {
                var decision =
                        again(
                                next,
                                work,
                                "is no longer on its queue and has no outcome: emitted again",
                                now);
                next = Objects.requireNonNull(decision.state());
                effects.addAll(decision.effects());
            }
        }
        return new Decision<>(next, effects);
    }

    private static Decision<BesideState> again(
            BesideState state, WorkState work, String why, Instant now) {
        var emitted = work.emittedAgain(now);
        return new Decision<>(
                state.with(emitted),
                List.of(Note.warning(named(work) + " " + why), new Effect.Work(emitted.item())));
    }

    private static Decision<BesideState> dead(
            BesideState state,
            WorkState work,
            FailureCode code,
            String message,
            @Nullable String cause,
            Instant now) {
        var ref = work.ref();
        var failure =
                new SampleFailure(
                        ref.stage(), ref.seed(), ref.workId(), ref.epoch(), code, message);
        return new Decision<>(
                state.with(work.failed(failure)),
                List.of(
                        Note.warning(named(work) + " is given up: " + code + ": " + message),
                        new Effect.Dead(ref.stage(), work.deadLetter(code, message, cause, now))));
    }

    private static Decision<BesideState> fact(
            BesideState state,
            WorkState work,
            WorkReport report,
            WorkReport.Succeeded success,
            Instant now) {
        return new Decision<>(
                state,
                List.of(
                        new Effect.Fact(
                                new StageFact(
                                        work.ref(),
                                        report.producer(),
                                        success.computation(),
                                        success.result(),
                                        null,
                                        now))));
    }

    private static String named(WorkState work) {
        return named(work.ref());
    }

    private static String named(WorkRef ref) {
        return "%s of %s/%s (epoch %d)"
                .formatted(ref.stage(), ref.runId(), ref.sampleId(), ref.epoch());
    }

    private static BesideState orEmpty(@Nullable BesideState state) {
        return state == null ? BesideState.EMPTY : state;
    }
}
