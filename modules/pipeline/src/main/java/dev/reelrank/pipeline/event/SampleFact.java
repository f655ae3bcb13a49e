package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.BlobRef;
import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A sample is part of a run. One per sample and run, keyed by run and sample. */
public record SampleFact(
        String runId,
        String sampleId,
        String submissionId,
        String originalPrompt,
        BlobRef image,
        @Nullable String subject,
        @Nullable String userPrompt,
        RunConfiguration configuration,
        @Nullable String inheritedFrom,
        Instant at)
        implements Event {}
