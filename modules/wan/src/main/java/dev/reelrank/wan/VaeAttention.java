package dev.reelrank.wan;

import dev.reelrank.diffusion.vae.FrameCache;
import dev.reelrank.diffusion.vae.VaeLayer;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.Conv2d;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.Weights;
import org.bytedeco.pytorch.Tensor;

/** Self-attention with one head over the positions of each frame. */
final class VaeAttention implements VaeLayer {
    private final long channels;
    private final ChannelNorm norm;
    private final Conv2d queryKeyValue;
    private final Conv2d out;

    VaeAttention(Weights weights, long channels, VaeMath math) {
        this.channels = channels;
        norm = ChannelNorm.load(weights.child("norm"), channels, 2, math);
        queryKeyValue = Conv2d.load(weights.child("to_qkv"), channels, 3 * channels, 1, 1, 0);
        out = Conv2d.load(weights.child("proj"), channels, channels, 1, 1, 0);
    }

    /** Each frame attends to itself. */
    @Override
    public int chunksBefore(long frames) {
        return 0;
    }

    @Override
    public Tensor apply(Tensor x, FrameCache cache) {
        return TensorScope.compute(
                () -> {
                    long frames = x.size(0);
                    long height = x.size(2);
                    long width = x.size(3);
                    Tensor rows =
                            queryKeyValue
                                    .apply(norm.apply(x))
                                    .permute(0, 2, 3, 1)
                                    .reshape(frames, 1, height * width, 3 * channels);
                    Tensor seen =
                            Attention.apply(
                                    rows.narrow(3, 0, channels).contiguous(),
                                    rows.narrow(3, channels, channels).contiguous(),
                                    rows.narrow(3, 2 * channels, channels).contiguous());
                    Tensor picture =
                            seen.reshape(frames, height, width, channels).permute(0, 3, 1, 2);
                    return out.apply(picture).add_(x);
                });
    }
}
