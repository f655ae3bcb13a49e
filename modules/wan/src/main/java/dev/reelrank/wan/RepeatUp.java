package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;

/**
 * The shortcut of a step up: channels are repeated until they are the pixels that the step makes
 * (DupUp3D of Wan2.2's VAE). Rows and columns double. Nothing is repeated in memory: each channel
 * is added to all the pixels that it stands for.
 *
 * @param channels that come out
 * @param frames that one becomes, but for the first frame of a video, which stays one
 */
record RepeatUp(long channels, int frames) {
    private static final int SIDE = 2;

    /**
     * Adds the shortcut to what a step made.
     *
     * @param made shape (frames, channels, 2 height, 2 width); changed in place
     * @param x what the step began with, shape (frames, channels in, height, width)
     * @return made
     */
    Tensor addTo(Tensor made, Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    boolean first = cache.isFirst(this);
                    if (first) {
                        // Only that there was a chunk is remembered.
                        cache.remember(this, x.narrow(0, 0, 1).narrow(1, 0, 1), 1);
                    }
                    if (first && frames > 1) {
                        addFirst(made, x);
                    } else {
                        pixels(made, frames).add_(channels(x));
                    }
                    return made;
                });
    }

    /** Of a video's first frame only the last of its frames is there. */
    private void addFirst(Tensor made, Tensor x) {
        Tensor one = channels(x.narrow(0, 0, 1));
        pixels(made.narrow(0, 0, 1), 1).add_(one.narrow(1, one.size(1) - 1, 1));
        long more = x.size(0) - 1;
        if (more > 0) {
            pixels(made.narrow(0, 1, more * frames), frames).add_(channels(x.narrow(0, 1, more)));
        }
    }

    /** Shape (count, frames, height, 2, width, 2, channels), the same memory. */
    private static Tensor pixels(Tensor made, long frames) {
        return made.permute(0, 2, 3, 1)
                .unflatten(2, new long[] {made.size(3) / SIDE, SIDE})
                .unflatten(1, new long[] {made.size(2) / SIDE, SIDE})
                .unflatten(0, new long[] {made.size(0) / frames, frames});
    }

    /**
     * The channels of {@code x} by what they stand for, as {@link #pixels} has it, the same memory:
     * of length 1 where one channel stands for all.
     */
    private Tensor channels(Tensor x) {
        // A channel of the result has this many channels, each for some of its frames, rows and
        // columns, in this order.
        long in = x.size(1);
        Tensor all =
                in < channels
                        ? x.repeat_interleave(
                                channels / in, new LongOptional(1), new LongOptional())
                        : x;
        long each = all.size(1) / channels;
        long inFrames = Math.min(each, frames);
        long inRows = Math.min(each / inFrames, SIDE);
        long inColumns = each / inFrames / inRows;
        return all.permute(0, 2, 3, 1)
                .unflatten(3, new long[] {channels, inFrames, inRows, inColumns})
                .permute(0, 4, 1, 5, 2, 6, 3);
    }
}
