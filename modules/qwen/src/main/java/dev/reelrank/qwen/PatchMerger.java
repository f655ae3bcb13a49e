package dev.reelrank.qwen;

import dev.reelrank.torch.LayerNorm;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/** Merges 2×2 patches into one token of the decoder. */
final class PatchMerger {
    private static final double EPSILON = 1e-6;

    /** The generations: names of weights, and whether the norm is of the merged patches. */
    enum Kind {
        QWEN2("ln_q", "mlp.0", "mlp.2", false),
        QWEN3("norm", "linear_fc1", "linear_fc2", false),
        QWEN3_DEEPSTACK("norm", "linear_fc1", "linear_fc2", true);

        private final String norm;
        private final String up;
        private final String down;
        private final boolean merged;

        Kind(String norm, String up, String down, boolean merged) {
            this.norm = norm;
            this.up = up;
            this.down = down;
            this.merged = merged;
        }
    }

    private final Kind kind;
    private final long width;
    private final LayerNorm norm;
    private final Linear up;
    private final Linear down;

    PatchMerger(Weights weights, QwenConfig.Vision config, Kind kind) {
        this.kind = kind;
        width = (long) config.hidden() * config.merge() * config.merge();
        norm =
                LayerNorm.load(
                        weights.child(kind.norm), kind.merged ? width : config.hidden(), EPSILON);
        up = Linear.load(weights.child(kind.up), width, width, true);
        down = Linear.load(weights.child(kind.down), width, config.out(), true);
    }

    /**
     * The tokens of pictures.
     *
     * @param x shape (pictures, patches, hidden)
     * @return shape (pictures, patches / 4, out)
     */
    Tensor forward(Tensor x) {
        return TensorScope.compute(
                () -> {
                    var pictures = x.size(0);
                    var flat =
                            kind.merged
                                    ? norm.apply(x.view(pictures, -1, width))
                                    : norm.apply(x).view(pictures, -1, width);
                    return down.apply(torch.gelu(up.apply(flat)));
                });
    }
}
