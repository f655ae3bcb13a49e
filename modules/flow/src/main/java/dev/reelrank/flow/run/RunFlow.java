package dev.reelrank.flow.run;

import dev.reelrank.flow.Decision;
import dev.reelrank.flow.Effect;
import dev.reelrank.flow.SampleNews;
import dev.reelrank.pipeline.event.RunClosed;
import dev.reelrank.pipeline.event.RunDeleted;
import dev.reelrank.pipeline.event.RunOpened;
import dev.reelrank.pipeline.event.RunUpdated;
import dev.reelrank.pipeline.event.RunUpdated.Status;
import dev.reelrank.pipeline.event.SampleUpdated;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Decides how far a run is. A run is done when every submission is closed, as many distinct samples
 * as each counted have come, and all of them are terminal; a retry leads back.
 */
public final class RunFlow {
    private static final int ID_LENGTH = 200;

    /** Of a run; all of them are in its state. */
    private static final int SUBMISSIONS = 10_000;

    /** That sent the same sample. */
    private static final int OF_A_SAMPLE = 100;

    /** A run begins; opening it again changes nothing. */
    public Decision<RunState> opened(@Nullable RunState state, RunOpened event, Instant now) {
        var run = orEmpty(state);
        if (run.opened() != null) {
            if (run.opened().configuration().equals(event.configuration())) {
                return new Decision<>(run, List.of());
            }
            return Decision.nothing(
                    run,
                    Effect.Note.warning(
                            "run %s was already opened with another configuration: the first one is the run's, and each sample keeps its own"
                                    .formatted(event.runId())));
        }
        return tell(
                new RunState(
                        event,
                        run.closed(),
                        run.groups(),
                        run.done(),
                        run.failed(),
                        run.partial(),
                        run.told()),
                now);
    }

    /** A submission is complete. */
    public Decision<RunState> closed(@Nullable RunState state, RunClosed event, Instant now) {
        var run = orEmpty(state);
        if (!isPlausible(event.submissionId()) || run.closed().size() >= SUBMISSIONS) {
            return Decision.nothing(
                    run,
                    Effect.Note.warning(
                            "run %s: a submission is not counted: its id is longer than %d characters, or there are %d already"
                                    .formatted(event.runId(), ID_LENGTH, SUBMISSIONS)));
        }
        var closed = new HashMap<>(run.closed());
        closed.put(event.submissionId(), event.count());
        return tell(
                new RunState(
                        run.opened(),
                        closed,
                        run.groups(),
                        run.done(),
                        run.failed(),
                        run.partial(),
                        run.told()),
                now);
    }

    /** A user deletes a run: refused while samples of it are under way, for good otherwise. */
    public Decision<RunState> deleted(@Nullable RunState state, RunDeleted event, Instant now) {
        var run = orEmpty(state);
        var told = run.told();
        if (told == null) {
            return Decision.nothing(
                    state,
                    Effect.Note.warning(
                            "run %s is not deleted: there is none".formatted(event.runId())));
        }
        if (run.deleted()) {
            return new Decision<>(run, List.of());
        }
        int running = run.samples() - run.done() - run.failed();
        if (running > 0) {
            return Decision.nothing(
                    run,
                    Effect.Note.warning(
                            "run %s is not deleted: %d of its samples are under way"
                                    .formatted(event.runId(), running)));
        }
        return said(run, told.with(Status.DELETED, now));
    }

    /**
     * Something happened to a sample of the run.
     *
     * @param mark what was last counted of it, null if it is new
     */
    public RunStep sample(
            @Nullable RunState state, @Nullable SampleMark mark, SampleNews news, Instant now) {
        var run = orEmpty(state);
        var submissions = new TreeSet<String>(mark == null ? List.of() : mark.submissions());
        var submission = news.submissionId();
        if (submission != null && isPlausible(submission) && submissions.size() < OF_A_SAMPLE) {
            submissions.add(submission);
        }
        var next = new SampleMark(news.status(), news.partial(), submissions);
        if (next.equals(mark)) {
            return new RunStep(new Decision<>(run, List.of()), next);
        }
        var groups = new HashMap<>(run.groups());
        if (mark != null) {
            groups.computeIfPresent(mark.group(), (g, n) -> n == 1 ? null : n - 1);
        }
        groups.merge(next.group(), 1, Integer::sum);
        var counted =
                new RunState(
                        run.opened(),
                        run.closed(),
                        groups,
                        run.done() + change(mark, next, SampleUpdated.Status.DONE),
                        run.failed() + change(mark, next, SampleUpdated.Status.FAILED),
                        run.partial()
                                + (next.partial() ? 1 : 0)
                                - (mark != null && mark.partial() ? 1 : 0),
                        run.told());
        return new RunStep(tell(counted, now), next);
    }

    private static int change(
            @Nullable SampleMark before, SampleMark after, SampleUpdated.Status status) {
        return (after.status() == status ? 1 : 0)
                - (before != null && before.status() == status ? 1 : 0);
    }

    /**
     * Says what has changed; nothing before the run is opened, whose configuration belongs to it.
     */
    private static Decision<RunState> tell(RunState run, Instant now) {
        var opened = run.opened();
        if (opened == null || run.deleted()) {
            return new Decision<>(run, List.of());
        }
        boolean all = run.complete() && run.underWay() == 0;
        boolean ended = run.done() + run.failed() == run.samples();
        var status = all && ended ? Status.DONE : run.complete() ? Status.CLOSED : Status.OPEN;
        var told = run.told();
        var update =
                new RunUpdated(
                        opened.runId(),
                        status,
                        run.samples() + run.underWay(),
                        run.done(),
                        run.failed(),
                        run.partial(),
                        opened.configuration(),
                        opened.inheritedFrom(),
                        opened.at(),
                        told == null ? now : told.at(),
                        run.settled());
        if (update.equals(told)) {
            return new Decision<>(run, List.of());
        }
        var decision = said(run, update.with(status, now));
        if (status != Status.DONE || (told != null && told.status() == Status.DONE)) {
            return decision;
        }
        var effects = new ArrayList<>(decision.effects());
        effects.add(
                Effect.Note.info(
                        "run %s is done: %d samples succeeded (%d partial), %d failed"
                                .formatted(
                                        opened.runId(), run.done(), run.partial(), run.failed())));
        return new Decision<>(decision.state(), effects);
    }

    /** The run once this has been said about it. */
    private static Decision<RunState> said(RunState run, RunUpdated update) {
        return new Decision<>(
                new RunState(
                        run.opened(),
                        run.closed(),
                        run.groups(),
                        run.done(),
                        run.failed(),
                        run.partial(),
                        update),
                List.of(new Effect.RunStatus(update)));
    }

    /** What a run keeps for good must not grow as a client likes. */
    private static boolean isPlausible(String submissionId) {
        return submissionId.length() <= ID_LENGTH;
    }

    private static RunState orEmpty(@Nullable RunState state) {
        return state == null ? RunState.EMPTY : state;
    }
}
