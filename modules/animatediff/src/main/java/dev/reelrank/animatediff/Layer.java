package dev.reelrank.animatediff;

import org.bytedeco.pytorch.Tensor;

/** A part of the UNet between the hidden state and the hidden state. */
interface Layer {
    /**
     * Applies the layer.
     *
     * @param x shape (frames, channels, height, width)
     * @return as many frames
     */
    Tensor apply(Tensor x, UnetInput input);
}
