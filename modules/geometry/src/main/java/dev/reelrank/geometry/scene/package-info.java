/**
 * Cameras, depth and points of a video's frames, and the scores that ask whether they belong to one
 * rigid world. Arithmetic on arrays: which model found them plays no part.
 */
@NullMarked
package dev.reelrank.geometry.scene;

import org.jspecify.annotations.NullMarked;
