package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How far a run is; on the compacted topic {@code runs} under the run id.
 *
 * @param expected distinct samples of its closed submissions
 * @param done samples that ended well, partial ones too
 * @param failed samples that ended without a video
 * @param submissions the closed submissions all of whose samples have come, sorted: whoever sent
 *     one of them knows that the other fields count it
 */
public record RunUpdated(
        String runId,
        Status status,
        int expected,
        int done,
        int failed,
        int partial,
        RunConfiguration configuration,
        @Nullable String inheritedFrom,
        Instant openedAt,
        Instant at,
        List<String> submissions)
        implements Event {
    public RunUpdated {
        // State that an earlier version of flow has kept lacks them.
        submissions = submissions == null ? List.of() : List.copyOf(submissions);
    }

    /** The same with another status, said at another time. */
    public RunUpdated with(Status other, Instant when) {
        return new RunUpdated(
                runId,
                other,
                expected,
                done,
                failed,
                partial,
                configuration,
                inheritedFrom,
                openedAt,
                when,
                submissions);
    }

    /** The life of a run. A retry leads back from DONE to CLOSED. */
    public enum Status {
        /** Samples may still come. */
        OPEN,
        /** Every submission is closed; some samples are under way. */
        CLOSED,
        /** Every sample is done or failed. */
        DONE,
        /** A user deleted it: its facts no longer count. */
        DELETED
    }
}
