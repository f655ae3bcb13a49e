package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.stage.StageResult;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What a worker says about a work item: raw and at least once. flow makes facts of it. */
public record WorkReport(WorkRef work, Producer producer, Instant at, Body body) implements Event {
    /** What it says. */
    public sealed interface Body {}

    /** The process begins to compute; five of these without an outcome are five deaths. */
    public record Started() implements Body {}

    public record Succeeded(Computation computation, StageResult result) implements Body {}

    /**
     * The attempt failed.
     *
     * @param alone the item had the device to itself, so lack of memory is its own fault
     * @param lostWorkId with INPUT_LOST: the work whose blob is gone
     * @param runMillis that the device worked on it, without loading
     */
    public record Failed(
            FailureCode code,
            String message,
            @Nullable String cause,
            @Nullable String lostWorkId,
            boolean alone,
            long runMillis)
            implements Body {
        /** One that took the device no time. */
        public Failed(
                FailureCode code,
                String message,
                @Nullable String cause,
                @Nullable String lostWorkId,
                boolean alone) {
            this(code, message, cause, lostWorkId, alone, 0);
        }
    }

    /**
     * Not done, through no fault of the sample or the worker: flow emits the work again.
     *
     * @param runMillis that the device worked on it, without loading
     */
    public record Returned(String reason, long runMillis) implements Body {
        /** One that took the device no time. */
        public Returned(String reason) {
            this(reason, 0);
        }
    }
}
