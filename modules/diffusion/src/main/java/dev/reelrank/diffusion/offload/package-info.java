/** Decides which weights are on the GPU at any time. */
@NullMarked
package dev.reelrank.diffusion.offload;

import org.jspecify.annotations.NullMarked;
