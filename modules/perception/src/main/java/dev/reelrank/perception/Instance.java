package dev.reelrank.perception;

import dev.reelrank.pipeline.Box;
import dev.reelrank.pipeline.Mask;

/**
 * One thing that fits a phrase.
 *
 * @param score 0..1
 * @param box in pixels of the picture, as the model predicts it; may differ a little from the
 *     mask's
 * @param mask of the picture's size
 */
public record Instance(double score, Box box, Mask mask) {}
