package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.FrameCache;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/** A part of the VAE between its first and its last convolution. */
@FunctionalInterface
interface VaePart {
    /**
     * Applies the part to the next frames.
     *
     * @param x shape (frames, channels, height, width)
     * @param chunk what the chunk began with: frames in the encoder, latents in the decoder
     */
    Tensor apply(Tensor x, Tensor chunk, FrameCache cache);

    /** One after another; what is not needed any more is freed at once. */
    static Tensor all(List<VaePart> parts, Tensor first, Tensor chunk, FrameCache cache) {
        Tensor x = first;
        for (var part : parts) {
            Tensor before = x;
            x = part.apply(before, chunk, cache);
            before.close();
        }
        return x;
    }
}
