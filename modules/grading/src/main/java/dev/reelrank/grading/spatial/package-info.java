/**
 * Positions: open-vocabulary segmentation with a proxy attention, area shares, places, relations.
 */
@NullMarked
package dev.reelrank.grading.spatial;

import org.jspecify.annotations.NullMarked;
