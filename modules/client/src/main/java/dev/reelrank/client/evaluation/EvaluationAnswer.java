package dev.reelrank.client.evaluation;

import dev.reelrank.pipeline.event.Computation;
import dev.reelrank.pipeline.stage.EvaluateResult;
import org.jspecify.annotations.Nullable;

/**
 * What became of an evaluation.
 *
 * @param result null if it failed
 * @param computation how it came to be; null if it failed
 * @param failure why it failed; null if it did not
 */
public record EvaluationAnswer(
        @Nullable EvaluateResult result,
        @Nullable Computation computation,
        @Nullable String failure) {}
