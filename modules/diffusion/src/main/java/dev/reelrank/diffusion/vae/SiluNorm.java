package dev.reelrank.diffusion.vae;

import org.bytedeco.pytorch.Tensor;

/** A norm followed by SiLU, {@code x · sigmoid(x)}, before a convolution of a VAE. */
public interface SiluNorm {
    /** Shape (frames, channels, height, width), channels last in memory, as x. */
    Tensor silu(Tensor x);

    /** Whether {@link #silu(Tensor, Tensor)} works for this input. */
    boolean writesAnywhere(Tensor x);

    /** Writes to a part of a larger tensor, where {@link #writesAnywhere}. */
    void silu(Tensor x, Tensor out);
}
