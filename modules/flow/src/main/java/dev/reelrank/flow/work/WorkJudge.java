package dev.reelrank.flow.work;

import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.WorkReport;
import dev.reelrank.pipeline.event.WorkReport.Failed;
import dev.reelrank.pipeline.event.WorkReport.Returned;
import dev.reelrank.pipeline.event.WorkReport.Started;
import dev.reelrank.pipeline.event.WorkReport.Succeeded;
import dev.reelrank.pipeline.stage.Stages;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a report means for its work: the rules of docs/decisions (outcomes and failures) in
 * one place. The first terminal outcome of a (workId, epoch) wins.
 */
public final class WorkJudge {
    private final Limits limits;
    private final Stages stages;
    private final ResultCheck check;

    public WorkJudge(Limits limits, Stages stages) {
        this.limits = Objects.requireNonNull(limits, "limits is null");
        this.stages = Objects.requireNonNull(stages, "stages is null");
        this.check = new ResultCheck(stages);
    }

    /** Judges a report about this very work; reports may come twice, late and in any order. */
    public Verdict judge(WorkState work, WorkReport report) {
        if (report.work().epoch() > work.ref().epoch()) {
            return new Verdict.Ignored(
                    "epoch %d of it does not exist".formatted(report.work().epoch()));
        }
        if (report.body() instanceof Succeeded success) {
            return succeeded(work, report, success);
        }
        if (report.work().epoch() < work.ref().epoch() || !work.is(Phase.OPEN)) {
            return new Verdict.Ignored("it has ended: " + work.phase());
        }
        if (report.body() instanceof Started) {
            return started(work, report.producer().processId());
        }
        if (repeated(work, report)) {
            return new Verdict.Ignored("the report was delivered twice");
        }
        if (report.body() instanceof Returned returned) {
            return new Verdict.Again(work.attempted(attempt(report, null)), returned.reason());
        }
        return failed(work, report, (Failed) report.body());
    }

    private Verdict succeeded(WorkState work, WorkReport report, Succeeded success) {
        if (report.work().epoch() < work.answersFrom()) {
            return new Verdict.Ignored("it answers an earlier request");
        }
        switch (work.phase()) {
            case OPEN -> {
                var request = Objects.requireNonNull(work.request(), "open work has a request");
                var mismatch = check.mismatch(request, success.result());
                if (mismatch == null) {
                    return new Verdict.Won(success);
                }
                // Treated as any fault of ours: another process may know better.
                var failed = new Failed(FailureCode.INTERNAL_ERROR, mismatch, null, null, false);
                return report.work().epoch() < work.ref().epoch() || repeated(work, report)
                        ? new Verdict.Ignored(mismatch)
                        : failed(work, report, failed);
            }
            case FAILED -> {
                return work.result() == null
                                && success.result().getClass()
                                        == stages.of(work.ref().stage()).result()
                        ? new Verdict.Late(success)
                        : new Verdict.Ignored("a late result is already recorded");
            }
            default -> {
                return new Verdict.Ignored("it has ended: " + work.phase());
            }
        }
    }

    private Verdict started(WorkState work, String process) {
        if (work.started().contains(process)) {
            return new Verdict.Ignored("the process has already reported this");
        }
        var noted = work.startedBy(process);
        if (noted.started().size() < limits.deaths()) {
            return new Verdict.Noted(noted);
        }
        return new Verdict.Dead(
                noted,
                FailureCode.CRASHED,
                "%d processes started it and none reported an outcome: it crashes its worker; see the workers' logs"
                        .formatted(limits.deaths()),
                null);
    }

    private Verdict failed(WorkState work, WorkReport report, Failed failed) {
        var code = failed.code();
        var next = work.attempted(attempt(report, code));
        if (code == FailureCode.INPUT_LOST) {
            return new Verdict.InputLost(
                    next, failed.lostWorkId(), failed.message(), failed.cause());
        }
        return isFinal(next, failed)
                ? new Verdict.Dead(next, code, failed.message(), failed.cause())
                : new Verdict.Again(next, code + ": " + failed.message());
    }

    private boolean isFinal(WorkState work, Failed failed) {
        var code = failed.code();
        var category = code.category();
        if (category == FailureCategory.EXTERNAL) {
            // Never the sample's fault, and the worker has backed off: it goes on as a return does.
            return false;
        }
        var failures = work.attempts().stream().filter(Attempt::counts).count();
        if (failures >= limits.failures()) {
            return true;
        }
        var same = work.attempts().stream().filter(a -> a.code() == code).toList();
        var processes = same.stream().map(Attempt::processId).distinct().count();
        return switch (category) {
            case USER -> true;
            case RESOURCES -> failed.alone();
            case INTERNAL -> processes >= limits.sameCode();
            case MODEL, CONFIG ->
                    processes >= limits.sameCode() || same.size() >= limits.modelFailures();
            case EXTERNAL -> false;
        };
    }

    private static boolean repeated(WorkState work, WorkReport report) {
        return work.attempts().stream()
                .anyMatch(
                        a ->
                                a.processId().equals(report.producer().processId())
                                        && a.at().equals(report.at()));
    }

    private static Attempt attempt(WorkReport report, @Nullable FailureCode code) {
        return new Attempt(report.producer().processId(), report.at(), code);
    }
}
