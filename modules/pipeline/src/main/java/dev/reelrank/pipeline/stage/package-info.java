/**
 * The contract of a stage: request, result and needs. A worker process connects each {@link
 * dev.reelrank.pipeline.stage.Stage} that it serves to the worker shell; the single-stage commands
 * call the same object.
 */
@NullMarked
package dev.reelrank.pipeline.stage;

import org.jspecify.annotations.NullMarked;
