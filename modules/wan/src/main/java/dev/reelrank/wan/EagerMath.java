package dev.reelrank.wan;

import dev.reelrank.torch.Activation;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Float8Attention;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/** Operation by operation, on any device and in any type; gradients flow. */
final class EagerMath implements BlockMath {
    private final boolean float8Attention;

    EagerMath() {
        this(false);
    }

    /**
     * @param float8Attention whether self-attention rounds as the float8 kernel does
     */
    EagerMath(boolean float8Attention) {
        this.float8Attention = float8Attention;
    }

    @Override
    public Activation norm(Tensor x, Affine affine) {
        return Activation.of(
                joined(
                        x,
                        affine.stretches(),
                        stretch -> normed(stretch.of(x), affine.of(stretch))));
    }

    private static Tensor normed(Tensor x, Affine affine) {
        return torch.layer_norm(
                        Ops.to(x, DType.FLOAT32),
                        new long[] {x.size(-1)},
                        new TensorOptional(affine.factor()),
                        new TensorOptional(affine.shift()),
                        affine.epsilon(),
                        false)
                .to(x.scalar_type());
    }

    private static Tensor joined(
            Tensor x, Stretches stretches, Function<Stretches.Stretch, Tensor> each) {
        return TensorScope.compute(
                () -> {
                    var parts = stretches.among(x.size(1)).stream().map(each).toList();
                    return parts.size() == 1
                            ? parts.get(0)
                            : Ops.cat(1, parts.toArray(Tensor[]::new));
                });
    }

    @Override
    public Normed residualNorm(Tensor x, Tensor y, @Nullable Gate gate, Affine affine) {
        Tensor sum = gate == null ? x.add(y) : residual(x, y, gate);
        return new Normed(sum, norm(sum, affine));
    }

    @Override
    public Tensor residual(Tensor x, Tensor y, Gate gate) {
        return joined(
                x,
                gate.stretches(),
                stretch -> gated(stretch.of(x), stretch.of(y), stretch.row(gate.factor())));
    }

    private static Tensor gated(Tensor x, Tensor y, Tensor gate) {
        return DType.of(x) == DType.FLOAT32
                ? torch.addcmul(x, y, gate)
                : torch.addcmul(Ops.to(x, DType.FLOAT32), Ops.to(y, DType.FLOAT32), gate)
                        .to(x.scalar_type());
    }

    @Override
    public Tensor[] heads(
            Tensor query,
            RmsNorm queryNorm,
            Tensor key,
            RmsNorm keyNorm,
            long heads,
            RotaryTable rotary) {
        return new Tensor[] {
            rotated(query, queryNorm, heads, rotary), rotated(key, keyNorm, heads, rotary)
        };
    }

    private static Tensor rotated(Tensor x, RmsNorm norm, long heads, RotaryTable rotary) {
        return TensorScope.compute(
                () -> rotary.rotate(split(norm.apply(x), heads)).transpose(1, 2));
    }

    @Override
    public Tensor heads(Tensor x, RmsNorm norm, long heads) {
        return TensorScope.compute(() -> split(norm.apply(x), heads).transpose(1, 2));
    }

    private static Tensor split(Tensor x, long heads) {
        return x.unflatten(-1, new long[] {heads, x.size(-1) / heads});
    }

    @Override
    public Activation attention(Tensor[] heads, Tensor value) {
        Tensor values = BlockMath.split(value, heads[0].size(1));
        return Activation.of(
                BlockMath.merge(
                        float8Attention
                                ? Float8Attention.imitate(heads[0], heads[1], values)
                                : Attention.apply(heads[0], heads[1], values)));
    }

    @Override
    public Activation input(Tensor x) {
        return Activation.of(x);
    }

    @Override
    public Activation gelu(Activation x, Linear up) {
        return Activation.of(x.throughGelu(up));
    }
}
