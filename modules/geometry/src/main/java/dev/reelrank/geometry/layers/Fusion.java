package dev.reelrank.geometry.layers;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Fuses a coarse map with a finer one and enlarges the sum (DPT, arXiv 2103.13413). */
public final class Fusion {
    private final @Nullable Unit beside;
    private final Unit unit;
    private final Conv2d out;

    /** Two convolutions around which the input passes. */
    private record Unit(Conv2d first, Conv2d second, boolean inPlace) {
        static Unit load(Weights weights, int features, boolean inPlace) {
            return new Unit(
                    Conv2d.load(weights.child("conv1"), features, features, 3, 1, 1),
                    Conv2d.load(weights.child("conv2"), features, features, 3, 1, 1),
                    inPlace);
        }

        Tensor apply(Tensor x) {
            return TensorScope.compute(
                    () -> {
                        Tensor positive = torch.relu(x);
                        return second.apply(torch.relu(first.apply(positive)))
                                .add_(inPlace ? positive : x);
                    });
        }
    }

    /**
     * Loads {@code resConfUnit1}, {@code resConfUnit2} and {@code out_conv}.
     *
     * @param joins whether there is a finer map
     * @param inPlace whether the original rectifies in place: then what passes around the
     *     convolutions is the rectified input
     */
    public Fusion(Weights weights, int features, boolean joins, boolean inPlace) {
        beside = joins ? Unit.load(weights.child("resConfUnit1"), features, inPlace) : null;
        unit = Unit.load(weights.child("resConfUnit2"), features, inPlace);
        out = Conv2d.load(weights.child("out_conv"), features, features, 1, 1, 0);
    }

    /**
     * Applies the layer.
     *
     * @param coarse shape (frames, features, height, width)
     * @param fine of the same shape; null for the coarsest
     * @return shape (frames, features, rows, columns)
     */
    public Tensor apply(Tensor coarse, @Nullable Tensor fine, long rows, long columns) {
        return TensorScope.compute(
                () -> {
                    Tensor sum =
                            beside == null || fine == null
                                    ? coarse
                                    : coarse.add(beside.apply(fine));
                    return out.apply(resized(unit.apply(sum), rows, columns));
                });
    }

    /** Bilinear, corners on corners; channels lie in memory as those of x do. */
    public static Tensor resized(Tensor x, long rows, long columns) {
        // The overload that returns its result takes sizes that Java cannot hold on to.
        Tensor out =
                torch.empty(
                        new long[] {x.size(0), x.size(1), rows, columns},
                        x.options(),
                        new MemoryFormatOptional(x.suggest_memory_format()));
        return torch.upsample_bilinear2d_outf(
                x,
                new long[] {rows, columns},
                true,
                new DoubleOptional(),
                new DoubleOptional(),
                out);
    }
}
