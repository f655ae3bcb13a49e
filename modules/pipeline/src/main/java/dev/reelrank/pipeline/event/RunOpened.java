package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.config.RunConfiguration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A run begins. Opening an open run again changes nothing.
 *
 * @param inheritedFrom the run that a replay started from
 */
public record RunOpened(
        String runId, RunConfiguration configuration, @Nullable String inheritedFrom, Instant at)
        implements Event {}
