package dev.reelrank.wan;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operation by operation, on any device and in any type; gradients flow. */
final class EagerMath implements BlockMath {
    @Override
    public Tensor norm(Tensor x, Tensor factor, Tensor shift, double epsilon) {
        return TensorScope.compute(
                () ->
                        torch.layer_norm(
                                        Ops.to(x, DType.FLOAT32),
                                        new long[] {x.size(-1)},
                                        new TensorOptional(factor),
                                        new TensorOptional(shift),
                                        epsilon,
                                        false)
                                .to(x.scalar_type()));
    }

    @Override
    public Tensor residual(Tensor x, Tensor y, @Nullable Tensor gate) {
        return TensorScope.compute(
                () -> {
                    if (gate == null) {
                        return x.add(y);
                    }
                    if (DType.of(x) == DType.FLOAT32) {
                        return torch.addcmul(x, y, gate);
                    }
                    return torch.addcmul(Ops.to(x, DType.FLOAT32), Ops.to(y, DType.FLOAT32), gate)
                            .to(x.scalar_type());
                });
    }

    @Override
    public Tensor heads(Tensor x, RmsNorm norm, long heads, @Nullable RotaryTable rotary) {
        return TensorScope.compute(
                () -> {
                    Tensor split =
                            norm.apply(x).unflatten(-1, new long[] {heads, x.size(-1) / heads});
                    return (rotary == null ? split : rotary.rotate(split)).transpose(1, 2);
                });
    }

    @Override
    public Tensor gelu(Tensor x) {
        return Ops.gelu(x);
    }
}
