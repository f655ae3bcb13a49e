package dev.reelrank.cogvideox;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Halves rows and columns, and frames where asked; of an odd number the first frame stays. */
final class VaeHalving {
    private static final long[] RIGHT_AND_BOTTOM = {0, 1, 0, 1};

    private final Conv2d conv;
    private final boolean time;

    VaeHalving(Weights weights, long channels, boolean time) {
        conv = Conv2d.load(weights.child("conv"), channels, channels, 3, 2, 0);
        this.time = time;
    }

    /** Shapes (frames, channels, height, width). */
    Tensor apply(Tensor x) {
        return TensorScope.compute(
                () ->
                        conv.apply(
                                torch.pad(
                                        time ? fewer(x) : x,
                                        RIGHT_AND_BOTTOM,
                                        "constant",
                                        new DoubleOptional(0))));
    }

    private static Tensor fewer(Tensor x) {
        long frames = x.size(0);
        if (frames == 1) {
            return x;
        }
        return frames % 2 == 0
                ? means(x)
                : Ops.cat(0, x.narrow(0, 0, 1), means(x.narrow(0, 1, frames - 1)));
    }

    /** Of each pair of frames. */
    private static Tensor means(Tensor x) {
        return Ops.mul(every(x, 0).add(every(x, 1)), 0.5);
    }

    private static Tensor every(Tensor x, long first) {
        return x.slice(0, new LongOptional(first), new LongOptional(x.size(0)), 2);
    }
}
