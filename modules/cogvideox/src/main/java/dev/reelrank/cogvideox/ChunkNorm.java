package dev.reelrank.cogvideox;

import dev.reelrank.torch.GroupNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * A group norm over all frames of a chunk together: the size of the chunks is part of the model.
 */
final class ChunkNorm {
    private final GroupNorm norm;

    private ChunkNorm(GroupNorm norm) {
        this.norm = norm;
    }

    static ChunkNorm load(Weights weights, long groups, long channels, double epsilon) {
        return new ChunkNorm(GroupNorm.load(weights, groups, channels, epsilon));
    }

    /** Shapes (frames, channels, height, width), channels last in memory. */
    Tensor apply(Tensor x) {
        return TensorScope.compute(
                () ->
                        norm.apply(x.permute(1, 0, 2, 3).unsqueeze(0))
                                .squeeze(0)
                                .permute(1, 0, 2, 3)
                                .contiguous(torch.MemoryFormat.ChannelsLast));
    }
}
