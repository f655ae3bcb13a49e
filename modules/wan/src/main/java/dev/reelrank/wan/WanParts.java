package dev.reelrank.wan;

import dev.reelrank.diffusion.text.TextTokenizer;
import dev.reelrank.torch.TensorSource;

/**
 * Where the weights of a model come from, by the names of the folders in a snapshot: {@code
 * transformer}, {@code transformer_2}, {@code vae}, {@code text_encoder}.
 */
public interface WanParts {
    /** The weights of a part, under the names of the diffusers layout; the caller closes them. */
    TensorSource open(String part);

    /** How many numbers the weights of a part have. */
    long parameters(String part);

    /** The tokenizer; the caller closes it. */
    TextTokenizer tokenizer();
}
