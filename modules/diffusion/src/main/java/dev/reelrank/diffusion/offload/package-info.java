/** Which weights are on the GPU at a time. */
@NullMarked
package dev.reelrank.diffusion.offload;

import org.jspecify.annotations.NullMarked;
