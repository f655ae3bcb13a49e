package dev.reelrank.diffusion.vae;

import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** A norm followed by SiLU, {@code x · sigmoid(x)}, before a convolution of a VAE. */
public interface SiluNorm {
    /** Shape (frames, channels, height, width), channels last in memory, as x. */
    Tensor silu(Tensor x);

    /** Whether {@link #silu(Tensor, Tensor, Tensor)} works for this input. */
    boolean writesAnywhere(Tensor x);

    /**
     * Whether {@link #silu(Tensor, Tensor, Tensor)} works for videos like this one with the
     * channels of this norm.
     */
    boolean folds(Tensor like);

    /**
     * Writes to a part of a larger tensor, where {@link #writesAnywhere}.
     *
     * @param before a number for each channel, added to x before the norm; null for none
     */
    void silu(Tensor x, @Nullable Tensor before, Tensor out);
}
