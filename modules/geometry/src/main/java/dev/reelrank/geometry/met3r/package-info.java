/**
 * MEt3R (arXiv 2501.06336): whether two frames show one scene, by DUSt3R's points and DINO's
 * features that are drawn into one view. Knows tensors and pictures, no metric names of a stage.
 */
@NullMarked
package dev.reelrank.geometry.met3r;

import org.jspecify.annotations.NullMarked;
