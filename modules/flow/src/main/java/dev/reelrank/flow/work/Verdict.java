package dev.reelrank.flow.work;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.event.WorkReport;
import org.jspecify.annotations.Nullable;

/** What a worker's report means for its work. */
public sealed interface Verdict {
    /** A repetition, or a report about work that has ended. */
    record Ignored(String why) implements Verdict {}

    /** Remembered, nothing to do. */
    record Noted(WorkState work) implements Verdict {}

    /** To be put on the queue again; {@code why} is for the log. */
    record Again(WorkState work, String why) implements Verdict {}

    /** Given up. */
    record Dead(WorkState work, FailureCode code, String message, @Nullable String cause)
            implements Verdict {}

    /** The first outcome is a success: a fact. */
    record Won(WorkReport.Succeeded success) implements Verdict {}

    /** A success after the dead letter: a fact that changes nothing. */
    record Late(WorkReport.Succeeded success) implements Verdict {}

    /**
     * An input that earlier work made is gone.
     *
     * @param lostWorkId the work that made it, null for an input of the submission
     */
    record InputLost(
            WorkState work, @Nullable String lostWorkId, String message, @Nullable String cause)
            implements Verdict {}
}
