package dev.reelrank.flow;

import dev.reelrank.pipeline.event.SampleUpdated;
import org.jspecify.annotations.Nullable;

/**
 * What a run hears about one of its samples.
 *
 * @param submissionId the submission that has just sent it, null if only its status changed
 */
public record SampleNews(
        String runId,
        String sampleId,
        @Nullable String submissionId,
        SampleUpdated.Status status,
        boolean partial)
        implements RunInput {}
