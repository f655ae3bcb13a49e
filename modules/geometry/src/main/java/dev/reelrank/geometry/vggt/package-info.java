/**
 * VGGT (Wang and others, arXiv 2503.11651): cameras, depth and points of a scene from a few frames
 * of it, in one pass. Reads the published checkpoint; the track head is not used.
 */
@NullMarked
package dev.reelrank.geometry.vggt;

import org.jspecify.annotations.NullMarked;
