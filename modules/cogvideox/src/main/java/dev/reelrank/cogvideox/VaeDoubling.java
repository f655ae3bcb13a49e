package dev.reelrank.cogvideox;

import dev.reelrank.torch.DoublingConv;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** Doubles rows and columns, and frames where asked; of an odd number the first frame stays one. */
final class VaeDoubling {
    private final DoublingConv conv;
    private final boolean time;

    VaeDoubling(Weights weights, long channels, boolean time) {
        conv = DoublingConv.load(weights.child("conv"), channels, channels);
        this.time = time;
    }

    /** Shapes (frames, channels, height, width). */
    Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> {
                    // Repeated frames stay equal, so they are repeated after the convolution.
                    Tensor wide = conv.apply(x);
                    long frames = x.size(0);
                    return time && frames > 1
                            ? FrameSpread.to(wide, frames % 2 == 0 ? 2 * frames : 2 * frames - 1)
                            : wide;
                });
    }
}
