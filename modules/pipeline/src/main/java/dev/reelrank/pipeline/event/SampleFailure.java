package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.FailureCode;
import dev.reelrank.pipeline.StageName;
import org.jspecify.annotations.Nullable;

/** A dead letter as its sample sees it. */
public record SampleFailure(
        StageName stage,
        @Nullable Long seed,
        String workId,
        int epoch,
        FailureCode code,
        String message) {}
