/** Parts of causal video autoencoders: convolutions with a cache of frames, and tiles. */
@NullMarked
package dev.reelrank.diffusion.vae;

import org.jspecify.annotations.NullMarked;
