package dev.reelrank.cogvideox;

import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Repeats the frames of a chunk, as the VAE makes its time longer. */
final class FrameSpread {
    private FrameSpread() {}

    /**
     * Each frame as often as makes so many; of an odd number the first frame stands once.
     *
     * @param x shape (frames, channels, height, width)
     */
    static Tensor to(Tensor x, long count) {
        long frames = x.size(0);
        if (frames == count) {
            return x;
        }
        return TensorScope.compute(
                () -> {
                    if (count > 1 && count % 2 == 1) {
                        Tensor rest = x.narrow(0, 1, frames - 1);
                        return Ops.cat(
                                0, x.narrow(0, 0, 1), repeated(rest, (count - 1) / (frames - 1)));
                    }
                    return repeated(x, count / frames);
                });
    }

    private static Tensor repeated(Tensor x, long times) {
        return x.unsqueeze(1)
                .expand(x.size(0), times, x.size(1), x.size(2), x.size(3))
                .flatten(0, 1)
                .contiguous(torch.MemoryFormat.ChannelsLast);
    }
}
