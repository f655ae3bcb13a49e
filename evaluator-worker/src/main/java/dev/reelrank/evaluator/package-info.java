/**
 * The evaluator-worker: measures videos by published metrics. It connects the looks of {@link
 * dev.reelrank.evaluation} to the worker shell.
 *
 * <p>The minimal example of a worker: {@code EvaluatorWorker} names it, {@code EvaluateStage} does
 * the work.
 */
@NullMarked
package dev.reelrank.evaluator;

import org.jspecify.annotations.NullMarked;
