package dev.reelrank.qwen;

import dev.reelrank.torch.RmsNorm;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** By libtorch's own operations: on every device, in every type. */
final class PlainMath implements DecoderMath {
    private final DecoderConfig config;
    private final long[] headShape;

    PlainMath(DecoderConfig config) {
        this.config = config;
        headShape = new long[] {config.headDim()};
    }

    @Override
    public Tensor addNorm(Tensor x, @Nullable Tensor y, RmsNorm norm) {
        return norm.apply(y == null ? x : x.add_(y));
    }

    @Override
    public Tensor turnHeads(Tensor parts, @Nullable Tensor scales, Rope.Turns turns) {
        var turned = parts.narrow(2, 0, config.heads() + (long) config.keyValueHeads());
        if (scales == null) {
            return turns.apply(turned);
        }
        return turns.apply(
                torch.rms_norm(
                                turned,
                                headShape,
                                new TensorOptional(),
                                new DoubleOptional(config.normEpsilon()))
                        .mul(scales));
    }

    @Override
    public Tensor gated(Tensor wide) {
        long half = config.intermediate();
        return torch.silu(wide.narrow(-1, 0, half)).mul(wide.narrow(-1, half, half));
    }

    @Override
    public void close() {}
}
