/** Pictures as tensors, and their resizing. */
@NullMarked
package dev.reelrank.diffusion.image;

import org.jspecify.annotations.NullMarked;
