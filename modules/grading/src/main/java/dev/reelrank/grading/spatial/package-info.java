/**
 * Where things are: open-vocabulary segmentation with a proxy attention, shares, places, relations.
 */
@NullMarked
package dev.reelrank.grading.spatial;

import org.jspecify.annotations.NullMarked;
