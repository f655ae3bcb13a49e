package dev.reelrank.diffusion.vae;

import org.bytedeco.pytorch.Tensor;

/** A part of the VAE's encoder or decoder. */
public interface VaeLayer {
    /**
     * Applies the layer to the next frames.
     *
     * @param x a chunk of frames, shape (frames, channels, height, width), channels last in memory
     * @param cache what the layers remember of the chunks before
     */
    Tensor apply(Tensor x, FrameCache cache);
}
