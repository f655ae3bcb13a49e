package dev.reelrank.animatediff;

import dev.reelrank.torch.Attention;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** The deepest part of encoder and decoder: attention of one head between two residual blocks. */
final class PictureMiddle {
    private static final double EPSILON = 1e-6;

    private final ResidualBlock first;
    private final PictureNorm norm;
    private final Linear query;
    private final Linear key;
    private final Linear value;
    private final Linear out;
    private final ResidualBlock second;

    PictureMiddle(Weights weights, long width, long groups, PictureKernels kernels) {
        first =
                new ResidualBlock(
                        weights.child("resnets.0"), width, width, 0, groups, EPSILON, kernels);
        Weights attention = weights.child("attentions.0");
        norm = PictureNorm.load(attention.child("group_norm"), groups, width, EPSILON, kernels);
        query = Linear.load(attention.child("to_q"), width, width, true);
        key = Linear.load(attention.child("to_k"), width, width, true);
        value = Linear.load(attention.child("to_v"), width, width, true);
        out = Linear.load(attention.child("to_out.0"), width, width, true);
        second =
                new ResidualBlock(
                        weights.child("resnets.1"), width, width, 0, groups, EPSILON, kernels);
    }

    /** Shape as x: (pictures, width, height, width of the picture). */
    Tensor apply(Tensor x) {
        return TensorScope.compute(() -> second.apply(attended(first.apply(x))));
    }

    private Tensor attended(Tensor x) {
        return TensorScope.compute(
                () -> {
                    long[] size = {x.size(2), x.size(3)};
                    Tensor rows =
                            norm.apply(x).flatten(2, 3).transpose(1, 2).contiguous().unsqueeze(1);
                    Tensor seen =
                            out.apply(
                                    Attention.apply(
                                            query.apply(rows), key.apply(rows), value.apply(rows)));
                    return x.add(seen.squeeze(1).transpose(1, 2).unflatten(2, size));
                });
    }
}
