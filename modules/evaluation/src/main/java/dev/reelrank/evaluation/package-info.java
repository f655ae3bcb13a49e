/** Evaluation of videos by published metrics: what runs over a chunk of videos, model by model. */
@NullMarked
package dev.reelrank.evaluation;

import org.jspecify.annotations.NullMarked;
