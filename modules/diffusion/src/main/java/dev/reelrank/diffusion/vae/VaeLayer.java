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

    /**
     * How many chunks before a chunk its output depends on: where they and the chunk before them
     * are all equal, the output is the one before.
     *
     * @param frames of a chunk, at least 1
     * @return {@link #UNKNOWN} from a layer that cannot tell; it is never left out then
     */
    default int chunksBefore(long frames) {
        return UNKNOWN;
    }

    /** Frames that become of a chunk of so many, other than the first. */
    default long framesAfter(long frames) {
        return frames;
    }

    /** More chunks than a video has. */
    int UNKNOWN = 1 << 20;
}
