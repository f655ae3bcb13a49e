package dev.reelrank.flow.work;

import dev.reelrank.pipeline.FailureCategory;
import dev.reelrank.pipeline.FailureCode;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A report that ended an attempt without a result. Process and time name the report, so that one
 * that was delivered twice counts once.
 *
 * @param code null if the work was returned without a failure
 */
public record Attempt(String processId, Instant at, @Nullable FailureCode code) {
    /** Whether it counts towards giving up: neither returned work nor a store that is away does. */
    boolean counts() {
        return code != null && code.category() != FailureCategory.EXTERNAL;
    }
}
