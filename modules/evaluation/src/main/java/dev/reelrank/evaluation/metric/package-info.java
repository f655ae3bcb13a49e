/**
 * The metrics: one class each, with its formula, range, direction, models and source. A metric is
 * arithmetic over what a look has seen of a video; it loads nothing.
 */
@NullMarked
package dev.reelrank.evaluation.metric;

import org.jspecify.annotations.NullMarked;
