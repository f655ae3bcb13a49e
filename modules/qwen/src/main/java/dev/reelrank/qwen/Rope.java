package dev.reelrank.qwen;

import dev.reelrank.torch.DType;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.Parameters;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Interleaved multi-axis rotary positions: frequency i turns with the height where i mod 3 is 1,
 * with the width where it is 2, as far as those axes' sections reach, and with the time elsewhere.
 */
final class Rope {
    private final Tensor inverseFrequencies;
    private final Tensor axis;
    private final TorchDevice device;
    private final DType dtype;

    Rope(DecoderConfig text, TorchDevice device, DType dtype, Parameters parameters) {
        this.device = device;
        this.dtype = dtype;
        try (var scope = TensorScope.open()) {
            // On the device: many small products of a CPU with many threads cost more than the
            // copy.
            inverseFrequencies =
                    parameters.own(
                            device.place(
                                    inverseFrequencies(text.headDim(), text.ropeTheta()),
                                    DType.FLOAT32));
            axis = parameters.own(device.place(Ops.tensor(axes(text), -1), DType.INT64));
        }
    }

    /** {@code theta^(-2i/dim)} for i below dim / 2, float32 on the CPU. */
    static Tensor inverseFrequencies(int dim, double theta) {
        return TensorScope.compute(
                () -> {
                    var even = LongStream.range(0, dim / 2).map(i -> 2 * i).toArray();
                    var exponent = Ops.to(Ops.tensor(even, -1), DType.FLOAT32);
                    exponent = exponent.div(new Scalar((float) dim));
                    return torch.pow(new Scalar(theta), exponent).reciprocal();
                });
    }

    private static long[] axes(DecoderConfig text) {
        var sections = text.mropeSections();
        return LongStream.range(0, text.headDim() / 2)
                .map(
                        i ->
                                i % 3 == 1 && i < 3L * sections.get(1)
                                        ? 1
                                        : i % 3 == 2 && i < 3L * sections.get(2) ? 2 : 0)
                .toArray();
    }

    /**
     * The turns of these positions.
     *
     * @return shape (1, tokens, 1, headDim) each, on the model's device and in its type
     */
    Turns turns(Positions positions) {
        var tokens = positions.axes()[0].length;
        var flat = new long[3 * tokens];
        for (var a = 0; a < 3; a++) {
            System.arraycopy(positions.axes()[a], 0, flat, a * tokens, tokens);
        }
        var where = device.place(Ops.tensor(flat, 3, tokens), DType.FLOAT32);
        var angles =
                where.index_select(0, axis).mul(inverseFrequencies.unsqueeze(1)).transpose(0, 1);
        var cos = angles.cos();
        var sin = angles.sin();
        return new Turns(
                place(Ops.cat(1, cos, cos), tokens), place(Ops.cat(1, sin.neg(), sin), tokens));
    }

    private Tensor place(Tensor table, int tokens) {
        return Ops.to(table, dtype).view(1, tokens, 1, -1);
    }

    /**
     * Cosines, and sines with the sign of the half they multiply, so that turning is {@code x * cos
     * + swapHalves(x) * sin}.
     */
    record Turns(Tensor cos, Tensor sin) {
        /** x (…, tokens, heads, headDim) turned. */
        Tensor apply(Tensor x) {
            var half = x.size(-1) / 2;
            return torch.addcmul(x.mul(cos), torch.roll(x, new long[] {half}, -1), sin);
        }
    }
}
