/**
 * The scores of a video that need a model: frames in, figures and pictures out. VGGT finds cameras,
 * depth and points; {@code scene} asks whether they fit together.
 */
@NullMarked
package dev.reelrank.geometry.score;

import org.jspecify.annotations.NullMarked;
