package dev.reelrank.qwen;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.Weights;
import java.util.List;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.StringIValueMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * A linear layer whose weight is kept in 4 bits: {@code (q - 8) * scale + zero}, q 0..15, with one
 * scale and one zero for a group of inputs of each output, chosen from the group's smallest and
 * largest weight.
 *
 * <p>On a GPU libtorch's packed kernel multiplies without widening the weight in memory. Elsewhere,
 * and for shapes that kernel does not take, the weight is widened for each product: the memory is
 * the same, the speed is not.
 */
final class Int4Linear implements Linear {
    private static final List<Integer> GROUPS = List.of(128, 64, 32);
    private static final int INNER_TILES = 8;
    private static final String SCRIPT =
            """
            def pack(q, tiles: int):
              return torch._convert_weight_to_int4pack(q, tiles)
            def multiply(x, q, group: int, scales):
              return torch._weight_int4pack_mm(x, q, group, scales)
            """;

    private final Tensor quantized;
    private final Tensor scalesAndZeros;
    private final TensorOptional bias;
    private final @Nullable CompilationUnit packed;
    private final long in;
    private final long out;
    private final long group;

    private Int4Linear(
            Tensor quantized,
            Tensor scalesAndZeros,
            TensorOptional bias,
            @Nullable CompilationUnit packed,
            long in,
            long out,
            long group) {
        this.quantized = quantized;
        this.scalesAndZeros = scalesAndZeros;
        this.bias = bias;
        this.packed = packed;
        this.in = in;
        this.out = out;
        this.group = group;
    }

    /**
     * Quantizes a weight (out, in) of the open scope; what is kept belongs to the parameters.
     *
     * @param packed whether a GPU may multiply by the packed kernel, which gives no gradients
     */
    static Linear quantize(
            Weights weights, Tensor weight, @Nullable Tensor offset, boolean packed) {
        Parameters parameters = weights.parameters();
        var out = weight.size(0);
        var in = weight.size(1);
        var group =
                GROUPS.stream().filter(g -> in % g == 0).findFirst().map(Long::valueOf).orElse(in);
        var bias =
                parameters.own(offset == null ? new TensorOptional() : new TensorOptional(offset));
        var groups = Ops.to(weight, DType.FLOAT32).view(out, in / group, group);
        var low = groups.amin(new long[] {-1}, true);
        var high = groups.amax(new long[] {-1}, true);
        // Rounded to the kept type first, so that the numbers below are chosen for what is kept.
        var scale = kept(high.sub(low).div(new Scalar(15.0)).clamp_min(new Scalar(1e-6)));
        var zero = kept(low.add(scale.mul(new Scalar(8.0))));
        var q =
                groups.sub(zero)
                        .div(scale)
                        .add(new Scalar(8.0))
                        .round()
                        .clamp_(
                                new org.bytedeco.pytorch.ScalarOptional(new Scalar(0.0)),
                                new org.bytedeco.pytorch.ScalarOptional(new Scalar(15.0)));
        var bytes = Ops.to(q, DType.UINT8).view(out, in / 2, 2);
        var nibbles =
                bytes.select(2, 0)
                        .bitwise_left_shift(new Scalar(4))
                        .bitwise_or(bytes.select(2, 1))
                        .contiguous();
        var constants =
                Ops.to(Ops.cat(2, scale, zero), DType.BFLOAT16).transpose(0, 1).contiguous();
        var fits = out % 8 == 0 && in % (INNER_TILES * 16) == 0 && group < in;
        CompilationUnit script = null;
        if (packed && weights.device().isCuda() && fits) {
            script = parameters.own(torch.compile(SCRIPT));
            nibbles = call(script, "pack", new IValue(nibbles), new IValue((long) INNER_TILES));
        }
        return new Int4Linear(
                parameters.own(nibbles), parameters.own(constants), bias, script, in, out, group);
    }

    private static Tensor kept(Tensor x) {
        return Ops.to(Ops.to(x, DType.BFLOAT16), DType.FLOAT32);
    }

    private static Tensor call(CompilationUnit script, String function, IValue... arguments) {
        // The tensor of an IValue is only lent: detach() makes one of our own on the same memory.
        return script.find_function(new QualifiedName(function))
                .apply(new IValueVector(arguments), new StringIValueMap())
                .toTensor()
                .detach();
    }

    @Override
    public Tensor apply(Tensor x) {
        if (packed == null) {
            return torch.linear(x, widened(DType.of(x)), bias);
        }
        var rows = x.reshape(-1, in);
        var product =
                call(
                        packed,
                        "multiply",
                        new IValue(rows),
                        new IValue(quantized),
                        new IValue(group),
                        new IValue(scalesAndZeros));
        var shape = x.shape();
        shape[shape.length - 1] = out;
        var shaped = product.view(shape);
        return bias.has_value() ? shaped.add(bias.get()) : shaped;
    }

    private Tensor widened(DType dtype) {
        var high = quantized.bitwise_right_shift(new Scalar(4));
        var low = quantized.bitwise_and(new Scalar(15));
        var q = Ops.to(Ops.stack(2, high, low), dtype).view(out, in / group, group);
        var constants = Ops.to(scalesAndZeros.transpose(0, 1), dtype);
        return q.sub(new Scalar(8.0))
                .mul(constants.narrow(2, 0, 1))
                .add(constants.narrow(2, 1, 1))
                .view(out, in);
    }

    @Override
    public long in() {
        return in;
    }

    @Override
    public long out() {
        return out;
    }
}
