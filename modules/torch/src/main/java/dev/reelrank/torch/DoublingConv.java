package dev.reelrank.torch;

import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/**
 * A convolution of 3x3 over pictures whose rows and columns are doubled first (nearest).
 *
 * <p>Of the nine pixels that it sees, some are equal: an even row of the result sees one row of the
 * small picture and, twice, the next; an odd one the other way round. So each of the four kinds of
 * pixels is a convolution of 2x2 over the small picture with sums of the weights, which is 4/9 of
 * the work. A GPU computes all four as one convolution with four times the channels, then lays them
 * side by side; the CPU doubles the picture.
 */
public final class DoublingConv {
    private static final long[] ONE = {1, 1};

    /** Of pixels: in an even or an odd row, and in an even or an odd column. */
    private static final int KINDS = 4;

    /** bfloat16 numbers that are copied as one. */
    private static final int PACKED = 4;

    private final Conv2d whole;
    private final long channels;
    private final @Nullable Tensor kinds;
    private final @Nullable TensorOptional bias;

    private DoublingConv(
            Conv2d whole, long channels, @Nullable Tensor kinds, @Nullable TensorOptional bias) {
        this.whole = whole;
        this.channels = channels;
        this.kinds = kinds;
        this.bias = bias;
    }

    /** Loads {@code weight} (out, in, 3, 3) and {@code bias} (out). */
    public static DoublingConv load(Weights weights, long in, long out) {
        return load(weights, in, out, weights.device().isCuda());
    }

    /**
     * The same with a way of computing it.
     *
     * @param apart whether the small picture is convolved
     */
    static DoublingConv load(Weights weights, long in, long out, boolean apart) {
        Parameters parameters = weights.parameters();
        try (var scope = TensorScope.open()) {
            Tensor stored = weights.read("weight", weights.dtype(), out, in, 3, 3);
            Tensor shift = weights.take("bias", out);
            var whole =
                    new Conv2d(
                            parameters.own(stored.contiguous(MemoryFormat.ChannelsLast)),
                            Layers.some(parameters, shift),
                            Layers.none(parameters),
                            1,
                            1);
            if (!apart) {
                return new DoublingConv(whole, out, null, null);
            }
            Tensor exact = Ops.to(stored, DType.FLOAT32);
            var kinds = new Tensor[KINDS];
            for (int i = 0; i < KINDS; i++) {
                kinds[i] = summed(summed(exact, 2, i / 2), 3, i % 2);
            }
            Tensor all = Ops.to(Ops.cat(0, kinds), weights.dtype());
            return new DoublingConv(
                    whole,
                    out,
                    parameters.own(all.contiguous(MemoryFormat.ChannelsLast)),
                    Layers.some(parameters, parameters.own(shift.repeat(KINDS))));
        }
    }

    /** Three weights become two: an even line sees the second and third weight's pixel as one. */
    private static Tensor summed(Tensor weight, long dimension, int odd) {
        Tensor first = weight.narrow(dimension, 0, 1);
        Tensor second = weight.narrow(dimension, 1, 1);
        Tensor third = weight.narrow(dimension, 2, 1);
        return odd == 0
                ? Ops.cat(dimension, first, second.add(third))
                : Ops.cat(dimension, first.add(second), third);
    }

    /**
     * Doubles both sides.
     *
     * @param x shape (pictures, in, height, width)
     * @return shape (pictures, out, 2 height, 2 width), channels last in memory
     */
    public Tensor apply(Tensor x) {
        return apply(x, 2 * x.size(2), 2 * x.size(3));
    }

    /** To sides of these lengths, which may be one less than the double. */
    public Tensor apply(Tensor x, long height, long width) {
        var all = kinds;
        var shift = bias;
        boolean doubled = height == 2 * x.size(2) && width == 2 * x.size(3);
        if (all == null || shift == null || !doubled) {
            return TensorScope.compute(
                    () -> whole.apply(torch.upsample_nearest2d(x, height, width)));
        }
        return TensorScope.compute(
                () -> {
                    Tensor made = torch.conv2d(x, all, shift, ONE, ONE, ONE, 1);
                    Tensor out =
                            torch.empty(
                                    new long[] {x.size(0), channels, height, width},
                                    x.options(),
                                    new MemoryFormatOptional(MemoryFormat.ChannelsLast));
                    for (int i = 0; i < KINDS; i++) {
                        int row = i / 2;
                        int column = i % 2;
                        lay(
                                made.narrow(1, i * channels, channels)
                                        .narrow(2, row, x.size(2))
                                        .narrow(3, column, x.size(3)),
                                every(every(out, 2, row), 3, column));
                    }
                    return out;
                });
    }

    private static Tensor every(Tensor x, long dimension, long from) {
        return x.slice(dimension, new LongOptional(from), new LongOptional(), 2);
    }

    /** Several channels at a time where they can be read so: bits are copied, not numbers. */
    private static void lay(Tensor from, Tensor to) {
        Tensor source = from.permute(0, 2, 3, 1);
        Tensor target = to.permute(0, 2, 3, 1);
        boolean packed =
                DType.of(from) == DType.BFLOAT16
                        && from.size(1) % PACKED == 0
                        && !TensorScope.isRecording();
        if (packed) {
            target.view(ScalarType.Long).copy_(source.view(ScalarType.Long));
        } else {
            target.copy_(source);
        }
    }
}
