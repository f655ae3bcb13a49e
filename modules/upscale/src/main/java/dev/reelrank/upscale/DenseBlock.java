package dev.reelrank.upscale;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** Five convolutions, each of which sees the outputs of all before it. */
final class DenseBlock {
    private static final int CONVOLUTIONS = 5;

    /** How much of a block's change is added. */
    static final double STRENGTH = 0.2;

    private final Conv2d[] convolutions = new Conv2d[CONVOLUTIONS];

    DenseBlock(Weights weights, NetworkShape shape) {
        for (int i = 0; i < CONVOLUTIONS; i++) {
            boolean last = i == CONVOLUTIONS - 1;
            convolutions[i] =
                    Conv2d.load(
                            weights.child("conv" + (i + 1)),
                            shape.features() + (long) i * shape.growth(),
                            last ? shape.features() : shape.growth(),
                            3,
                            1,
                            1);
        }
    }

    /** Shape (batch, features, height, width), in and out. */
    Tensor apply(Tensor x) {
        return TensorScope.compute(
                () -> {
                    Tensor seen = x;
                    for (int i = 0; i < CONVOLUTIONS - 1; i++) {
                        Tensor next = RrdbNet.leaky(convolutions[i].apply(seen));
                        seen = Ops.cat(1, seen, next);
                    }
                    Tensor change = convolutions[CONVOLUTIONS - 1].apply(seen);
                    return x.add(Ops.mul(change, STRENGTH));
                });
    }
}
