package dev.reelrank.worker.shell;

import dev.reelrank.pipeline.config.StageConfig;
import dev.reelrank.pipeline.stage.Stage;
import dev.reelrank.pipeline.stage.StageRequest;
import dev.reelrank.pipeline.stage.StageResult;

/**
 * A stage that a worker offers to its queue.
 *
 * @param <Q> the stage's request
 * @param <R> the stage's result
 * @param defaults the model files of this configuration are checked before any work is taken
 */
public record Served<Q extends StageRequest, R extends StageResult>(
        Stage<Q, R> stage, StageConfig defaults) {}
