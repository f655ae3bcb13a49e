package dev.reelrank.animatediff;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Two convolutions, each after a group norm and SiLU, beside a shortcut; in the UNet the embedded
 * time is added between them. Each frame is normalised for itself.
 */
final class ResidualBlock implements Layer {
    private final PictureNorm norm1;
    private final Conv2d conv1;
    private final @Nullable Linear time;
    private final PictureNorm norm2;
    private final Conv2d conv2;
    private final @Nullable Conv2d shortcut;
    private final PictureKernels kernels;

    /**
     * @param timeDim numbers of the embedded time; 0 for none
     * @param kernels of the device that computes
     */
    ResidualBlock(
            Weights weights,
            long in,
            long out,
            long timeDim,
            long groups,
            double epsilon,
            PictureKernels kernels) {
        this.kernels = kernels;
        norm1 = PictureNorm.load(weights.child("norm1"), groups, in, epsilon, kernels);
        conv1 = Conv2d.load(weights.child("conv1"), in, out, 3, 1, 1);
        time =
                timeDim == 0
                        ? null
                        : Linear.load(weights.child("time_emb_proj"), timeDim, out, true);
        norm2 = PictureNorm.load(weights.child("norm2"), groups, out, epsilon, kernels);
        conv2 = Conv2d.load(weights.child("conv2"), out, out, 3, 1, 1);
        shortcut = in == out ? null : Conv2d.load(weights.child("conv_shortcut"), in, out, 1, 1, 0);
    }

    @Override
    public Tensor apply(Tensor x, UnetInput input) {
        return apply(x, input.time());
    }

    /** Without a time. */
    Tensor apply(Tensor x) {
        return apply(x, (Tensor) null);
    }

    private Tensor apply(Tensor x, @Nullable Tensor embedded) {
        if (norm2.folds(x)) {
            return folded(x, embedded);
        }
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.apply(norm1.silu(x));
                    if (time != null && embedded != null) {
                        h = h.add(time.apply(embedded).unsqueeze(-1).unsqueeze(-1));
                    }
                    h = conv2.apply(norm2.silu(h));
                    return h.add(shortcut == null ? x : shortcut.apply(x));
                });
    }

    /** The same, with biases and the time added where the next kernel reads them. */
    private Tensor folded(Tensor x, @Nullable Tensor embedded) {
        return TensorScope.compute(
                () -> {
                    Tensor h = conv1.bare(norm1.silu(x));
                    Tensor before = conv1.bias();
                    if (time != null && embedded != null) {
                        before = before.add(time.apply(embedded).flatten());
                    }
                    Tensor g = conv2.bare(norm2.silu(h, before));
                    return shortcut == null
                            ? kernels.add(g, x, conv2.bias())
                            : kernels.add(g, shortcut.bare(x), conv2.bias().add(shortcut.bias()));
                });
    }
}
