package dev.reelrank.wan;

import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Squares of pixels as channels of one position: for each colour, columns before rows. */
final class Patches {
    private Patches() {}

    /**
     * Takes pictures apart.
     *
     * @param x shape (frames, colours, height, width), both sides multiples of the patch
     * @return shape (frames, colours · patch², height / patch, width / patch), channels last in
     *     memory
     */
    static Tensor of(Tensor x, int patch) {
        if (patch == 1) {
            return x.contiguous(torch.MemoryFormat.ChannelsLast);
        }
        return TensorScope.compute(
                () -> {
                    long height = x.size(2) / patch;
                    long width = x.size(3) / patch;
                    return x.reshape(x.size(0), x.size(1), height, patch, width, patch)
                            .permute(0, 2, 4, 1, 5, 3)
                            .reshape(x.size(0), height, width, x.size(1) * patch * patch)
                            .permute(0, 3, 1, 2);
                });
    }

    /** Puts pictures together again. */
    static Tensor whole(Tensor x, int patch) {
        if (patch == 1) {
            return x;
        }
        return TensorScope.compute(
                () -> {
                    long colours = x.size(1) / patch / patch;
                    return x.unflatten(1, new long[] {colours, patch, patch})
                            .permute(0, 1, 4, 3, 5, 2)
                            .reshape(x.size(0), colours, x.size(2) * patch, x.size(3) * patch);
                });
    }
}
