package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.StageRequest;
import java.time.Instant;

/**
 * Somebody asks a stage beside the samples for a piece of work. The work id makes it this one:
 * asking twice in one epoch is asking once; a higher epoch asks anew for what has ended.
 *
 * @param work whom it is about: run and sample are its key, so that everything about them stands in
 *     one partition (a training of adapters names the adapter)
 * @param by who asks, for people
 */
public record WorkRequested(WorkRef work, StageRequest request, String by, Instant at)
        implements Event {}
