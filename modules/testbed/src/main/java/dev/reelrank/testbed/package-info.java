/**
 * A small rendered world with known ground truth: scenes as data, a deterministic renderer, the
 * prompts and questions that belong to a scene, corruptions, and measures of generated clips.
 *
 * <p>May depend on {@code pipeline}, {@code video} and Jackson; but not on an engine or the bus.
 * {@link dev.reelrank.testbed.ExportClips} runs with this module, {@code pipeline} and Jackson
 * alone on the class path.
 */
@NullMarked
package dev.reelrank.testbed;

import org.jspecify.annotations.NullMarked;
