package dev.reelrank.diffusion;

import dev.reelrank.torch.TensorSource;

/**
 * Where the weights of a model's parts come from, by the names of the folders that hold them:
 * {@code transformer} or {@code unet}, {@code vae}, {@code text_encoder}. Usually from files; a
 * benchmark makes them where they are needed.
 */
public interface PartWeights {
    /** The weights of a part, under the names of the diffusers layout; the caller closes them. */
    TensorSource open(String part);

    /** How many numbers the weights of a part have. */
    long parameters(String part);
}
