package dev.reelrank.flow.work;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.DeadLetter;
import dev.reelrank.pipeline.event.SampleFailure;
import dev.reelrank.pipeline.event.WorkItem;
import dev.reelrank.pipeline.event.WorkRef;
import dev.reelrank.pipeline.stage.InputKey;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One piece of work as flow knows it.
 *
 * @param ref with the epoch in which it was opened last
 * @param answersFrom the earliest epoch that asked the same question: a success of an epoch from
 *     here on answers the present one too
 * @param question hash of the request that was opened last, null before that
 * @param request what is asked, kept while the work is open
 * @param emission how often it has been put on its queue in this epoch
 * @param emittedAt when it was put there last
 * @param started processes that began and have said nothing since the last report of an end
 * @param attempts failures of this epoch, and the last returns
 * @param result of the present epoch; with {@link Phase#FAILED} one that came too late: it is a
 *     fact, and a retry uses it
 * @param failure why it is {@link Phase#FAILED}
 * @param fingerprint of the model that made the result; null without one, and in state that an
 *     earlier version of flow has kept
 */
public record WorkState(
        WorkRef ref,
        Phase phase,
        int answersFrom,
        @Nullable String question,
        @Nullable StageRequest request,
        int emission,
        @Nullable Instant emittedAt,
        List<String> started,
        List<Attempt> attempts,
        @Nullable StageResult result,
        @Nullable SampleFailure failure,
        @Nullable String fingerprint) {
    /** Returns are unlimited in number; to know a repeated one, the last few are enough. */
    private static final int RETURNS_KEPT = 5;

    public WorkState {
        started = List.copyOf(started);
        attempts = List.copyOf(attempts);
    }

    /** Work that has not been emitted yet. */
    public static WorkState waiting(WorkRef ref) {
        return new WorkState(
                ref,
                Phase.WAITING,
                ref.epoch(),
                null,
                null,
                0,
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    public boolean is(Phase wanted) {
        return phase == wanted;
    }

    /** Opens the work in an epoch, for the first time or again. */
    public WorkState opened(int epoch, StageRequest asked, Instant now) {
        var hash = InputKey.of(0, asked, "", "");
        return new WorkState(
                at(epoch),
                Phase.OPEN,
                hash.equals(question) ? answersFrom : epoch,
                hash,
                asked,
                1,
                now,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    /** Puts the same request on the queue again. */
    public WorkState emittedAgain(Instant now) {
        return new WorkState(
                ref,
                phase,
                answersFrom,
                question,
                request,
                emission + 1,
                now,
                started,
                attempts,
                result,
                failure,
                fingerprint);
    }

    /** The inputs change: what was asked or answered so far no longer counts. */
    public WorkState reopenedLater() {
        return new WorkState(
                ref,
                Phase.WAITING,
                answersFrom,
                question,
                null,
                0,
                null,
                List.of(),
                List.of(),
                null,
                null,
                null);
    }

    /**
     * It has its result.
     *
     * @param by fingerprint of the model that made it, null if it is not known
     */
    public WorkState succeeded(StageResult found, @Nullable String by) {
        return new WorkState(
                ref,
                Phase.SUCCEEDED,
                answersFrom,
                question,
                null,
                emission,
                emittedAt,
                List.of(),
                List.of(),
                found,
                null,
                by);
    }

    /** The work has succeeded; only its fact is needed from now on. */
    public WorkState ended() {
        return new WorkState(
                ref,
                Phase.SUCCEEDED,
                answersFrom,
                question,
                null,
                emission,
                emittedAt,
                List.of(),
                List.of(),
                null,
                null,
                fingerprint);
    }

    /** The work fails for good. */
    public WorkState failed(SampleFailure why) {
        return new WorkState(
                ref,
                Phase.FAILED,
                answersFrom,
                question,
                null,
                emission,
                emittedAt,
                List.of(),
                attempts,
                null,
                why,
                null);
    }

    /** A result for failed work: recorded, nothing else. */
    public WorkState answeredLate(StageResult found, @Nullable String by) {
        return new WorkState(
                ref,
                phase,
                answersFrom,
                question,
                request,
                emission,
                emittedAt,
                started,
                attempts,
                found,
                failure,
                by);
    }

    /** What stands on the queue. */
    public WorkItem item() {
        if (request == null || emittedAt == null) {
            throw new IllegalStateException("work " + ref.workId() + " is not open: " + phase);
        }
        return new WorkItem(ref, emission, emittedAt, request);
    }

    /** What remains of failed work. */
    public DeadLetter deadLetter(
            FailureCode code, String message, @Nullable String cause, Instant now) {
        var failures = attempts.stream().filter(a -> a.code() != null).count();
        var processes =
                Stream.concat(attempts.stream().map(Attempt::processId), started.stream())
                        .distinct()
                        .toList();
        return DeadLetter.of(
                ref,
                code,
                message,
                cause,
                (int) failures + started.size(),
                processes,
                request,
                now);
    }

    WorkState startedBy(String process) {
        var all = new ArrayList<>(started);
        all.add(process);
        return new WorkState(
                ref,
                phase,
                answersFrom,
                question,
                request,
                emission,
                emittedAt,
                all,
                attempts,
                result,
                failure,
                fingerprint);
    }

    WorkState attempted(Attempt attempt) {
        var all = new ArrayList<>(attempts);
        all.add(attempt);
        var returns = all.stream().filter(a -> !a.counts()).toList();
        if (returns.size() > RETURNS_KEPT) {
            all.remove(returns.get(0));
        }
        return new WorkState(
                ref,
                phase,
                answersFrom,
                question,
                request,
                emission,
                emittedAt,
                List.of(),
                all,
                result,
                failure,
                fingerprint);
    }

    private WorkRef at(int epoch) {
        return new WorkRef(
                ref.workId(), ref.runId(), ref.sampleId(), ref.stage(), ref.seed(), epoch);
    }
}
