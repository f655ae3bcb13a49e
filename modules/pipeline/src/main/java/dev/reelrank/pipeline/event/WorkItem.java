package dev.reelrank.pipeline.event;

import dev.reelrank.pipeline.stage.StageRequest;
import java.time.Instant;

/**
 * Work to be done, complete in itself.
 *
 * @param emission how often this work has been put on its queue in this epoch, from 1
 */
public record WorkItem(WorkRef work, int emission, Instant emittedAt, StageRequest request)
        implements Event {}
