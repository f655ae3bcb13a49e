package dev.reelrank.animatediff;

import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Attention over the positions of each frame, and to the text. */
final class SpatialTransformer implements Layer {
    private static final double EPSILON = 1e-6;

    private final PictureNorm norm;
    private final Projection in;
    private final TransformerBlock block;
    private final Projection out;

    SpatialTransformer(Weights weights, UnetConfig config, int resolution, LayerFactory factory) {
        long dim = config.channels().get(resolution);
        norm = factory.norm(weights.child("norm"), config.groups(), dim, EPSILON);
        in = Projection.load(weights.child("proj_in"), dim, config.linearProjection(), factory);
        block =
                new TransformerBlock(
                        weights.child("transformer_blocks.0"),
                        dim,
                        config.heads().get(resolution),
                        config.textDim(),
                        factory);
        out = Projection.load(weights.child("proj_out"), dim, config.linearProjection(), factory);
    }

    @Override
    public Tensor apply(Tensor x, UnetInput input) {
        return TensorScope.compute(
                () -> {
                    long height = x.size(2);
                    Tensor rows = in.apply(norm.apply(x)).flatten(2, 3).transpose(1, 2);
                    Tensor seen = block.apply(rows.contiguous(), input.text(), null);
                    Tensor picture =
                            seen.transpose(1, 2).unflatten(2, new long[] {height, x.size(3)});
                    return out.apply(picture).add(x);
                });
    }

    /** A product for each position, stored as a convolution or as a linear layer. */
    private record Projection(@Nullable Conv2d convolution, @Nullable Linear linear) {
        static Projection load(Weights weights, long dim, boolean asLinear, LayerFactory factory) {
            return asLinear
                    ? new Projection(null, factory.load(weights, dim, dim, true))
                    : new Projection(Conv2d.load(weights, dim, dim, 1, 1, 0), null);
        }

        Tensor apply(Tensor x) {
            if (convolution != null) {
                return convolution.apply(x);
            }
            if (linear == null) {
                throw new IllegalStateException("a projection without weights");
            }
            return linear.apply(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2);
        }
    }
}
