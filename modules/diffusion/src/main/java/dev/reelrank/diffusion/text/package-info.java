/** Text encoding: prompt cleaning, tokenizers, T5 and UMT5 encoders. */
@NullMarked
package dev.reelrank.diffusion.text;

import org.jspecify.annotations.NullMarked;
