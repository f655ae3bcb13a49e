package dev.reelrank.wan;

import dev.reelrank.diffusion.PartWeights;
import dev.reelrank.diffusion.text.TextTokenizer;

/**
 * Where the weights of a model come from, by the names of the folders in a snapshot: {@code
 * transformer}, {@code transformer_2}, {@code vae}, {@code text_encoder}; and its tokenizer.
 */
public interface WanParts extends PartWeights {
    /** The tokenizer; the caller closes it. */
    TextTokenizer tokenizer();
}
