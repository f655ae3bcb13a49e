/**
 * Layers that VGGT and DUSt3R share: transformer blocks, rotary positions of a grid, and the parts
 * of DPT heads. Knows tensors only; every model of this module may use it.
 */
@NullMarked
package dev.reelrank.geometry.layers;

import org.jspecify.annotations.NullMarked;
