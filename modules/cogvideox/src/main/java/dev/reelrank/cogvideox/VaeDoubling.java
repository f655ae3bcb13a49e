package dev.reelrank.cogvideox;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Doubles rows and columns, and frames where asked; of an odd number the first frame stays one. */
final class VaeDoubling {
    private final Conv2d conv;
    private final boolean time;

    VaeDoubling(Weights weights, long channels, boolean time) {
        conv = Conv2d.load(weights.child("conv"), channels, channels, 3, 1, 1);
        this.time = time;
    }

    /** Shapes (frames, channels, height, width). */
    Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> {
                    // Repeated frames stay equal, so they are repeated after the convolution.
                    Tensor wide =
                            conv.apply(torch.upsample_nearest2d(x, 2 * x.size(2), 2 * x.size(3)));
                    long frames = x.size(0);
                    return time && frames > 1
                            ? FrameSpread.to(wide, frames % 2 == 0 ? 2 * frames : 2 * frames - 1)
                            : wide;
                });
    }
}
