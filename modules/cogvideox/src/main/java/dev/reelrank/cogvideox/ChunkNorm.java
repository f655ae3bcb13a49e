package dev.reelrank.cogvideox;

import dev.reelrank.diffusion.vae.SiluNorm;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.PictureKernels;
import dev.reelrank.torch.PictureNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A group norm over all frames of a chunk together: the size of the chunks is part of the model.
 */
final class ChunkNorm implements SiluNorm {
    private final PictureNorm norm;

    private ChunkNorm(PictureNorm norm) {
        this.norm = norm;
    }

    static ChunkNorm load(
            Weights weights, long groups, long channels, double epsilon, PictureKernels kernels) {
        return new ChunkNorm(PictureNorm.load(weights, groups, channels, epsilon, kernels));
    }

    @Override
    public Tensor silu(Tensor x) {
        return TensorScope.compute(() -> Ops.silu(norm.together(x, x.size(0))));
    }

    @Override
    public boolean writesAnywhere(Tensor x) {
        return norm.writes(x);
    }

    @Override
    public boolean folds(Tensor like) {
        return norm.folds(like);
    }

    @Override
    public void silu(Tensor x, @Nullable Tensor before, Tensor out) {
        norm.write(x, before, null, out);
    }
}
