package dev.reelrank.pipeline.stage;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageException;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How one request of a batch ended. */
public sealed interface Outcome<R> {
    /**
     * The work succeeded.
     *
     * @param timings milliseconds by part of the work, for people and metrics
     */
    record Success<R>(R result, Map<String, Long> timings) implements Outcome<R> {
        public Success {
            timings = Map.copyOf(timings);
        }
    }

    /**
     * The work failed.
     *
     * @param message what failed, where, and the remedy
     * @param cause the exception behind it, for the log and the dead letter
     * @param lostWorkId with {@link FailureCode#INPUT_LOST}: the work whose blob is gone, null for
     *     an input of the submission
     */
    record Failed<R>(
            FailureCode code,
            String message,
            @Nullable Throwable cause,
            @Nullable String lostWorkId)
            implements Outcome<R> {}

    /** Not done, through no fault of the sample or the worker: the work is returned. */
    record Returned<R>(String reason) implements Outcome<R> {}

    static <R> Outcome<R> failed(StageException e) {
        return new Failed<>(e.code(), String.valueOf(e.getMessage()), e, null);
    }
}
