package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.Attention;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.CudnnAttention;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Float8;
import dev.reelrank.torch.Float8Attention;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Self-attention on a GPU, by the fastest way there, as input of the next linear layer. */
final class FusedAttention implements AutoCloseable {
    private static final int TENSOR_THREADS = 512;
    private static final long KEY_TILE = 128;

    private final CudaKernels kernels;
    private final TorchDevice device;
    private final long heads;
    private final long dim;
    private final int dimThreads;
    private final boolean float8Rows;
    private final boolean splits;
    private final @Nullable Float8Attention float8;

    /**
     * @param kernels of kernels.cu, closed by the caller
     * @param dimThreads threads of a block that works on a row of hidden states
     */
    FusedAttention(
            CudaKernels kernels,
            TransformerConfig config,
            TorchDevice device,
            Precision precision,
            int dimThreads) {
        this.kernels = kernels;
        this.device = device;
        this.heads = config.heads();
        this.dim = config.dim();
        this.dimThreads = dimThreads;
        this.float8Rows = precision.float8Rows();
        this.splits = device.hasFloat8Attention() && config.headDim() <= 128;
        this.float8 = precision == Precision.FP8_ATTENTION ? new Float8Attention(device) : null;
    }

    /**
     * Frees what it is given when it is used up.
     *
     * @param query shape (1, heads, tokens, head dim)
     * @param key like query
     * @param value shape (1, tokens, dim)
     * @param input makes a linear layer's input of what attention gave, where that is a pass of its
     *     own
     */
    Activation apply(Tensor query, Tensor key, Tensor value, Function<Tensor, Activation> input) {
        long tokens = value.numel() / dim;
        if (float8 != null) {
            return float8(float8, query, key, value, tokens);
        }
        if (splits && tokens % KEY_TILE != 0 && tokens > KEY_TILE && CudnnAttention.allowed()) {
            return split(query, key, value, tokens);
        }
        Tensor seen =
                TensorScope.compute(
                        () ->
                                BlockMath.merge(
                                        Attention.apply(
                                                query, key, BlockMath.split(value, heads))));
        query.close();
        key.close();
        value.close();
        return input.apply(seen);
    }

    /**
     * cuDNN's kernel is a twelfth faster when the keys fill its tiles, so a second call handles the
     * leftover keys and both answers are joined, each by its share of the sum: exact but for one
     * more rounding.
     */
    private Activation split(Tensor query, Tensor key, Tensor value, long tokens) {
        long whole = tokens / KEY_TILE * KEY_TILE;
        Tensor values = BlockMath.split(value, heads);
        var most = CudnnAttention.apply(query, key.narrow(2, 0, whole), values.narrow(2, 0, whole));
        var rest =
                CudnnAttention.apply(
                        query,
                        key.narrow(2, whole, tokens - whole),
                        values.narrow(2, whole, tokens - whole));
        query.close();
        key.close();
        value.close();
        Tensor out = empty(float8Rows ? DType.FLOAT8_E4M3 : DType.BFLOAT16, tokens, dim);
        Tensor scale = float8Rows ? empty(DType.FLOAT32, tokens, 1) : null;
        kernels.launch(
                float8Rows ? "join_float8" : "join_bf16",
                FusedMath.blocks(kernels, tokens),
                1,
                dimThreads,
                BlockMath.merge(most.output()),
                BlockMath.merge(rest.output()),
                most.logSumExp(),
                rest.logSumExp(),
                out,
                scale,
                (int) tokens);
        most.release();
        rest.release();
        return scale == null
                ? Activation.of(out.unsqueeze(0))
                : Activation.of(new Float8(out, scale));
    }

    /** The result keeps the scale that the kernel gave it: no second rounding. */
    private Activation float8(
            Float8Attention kernel, Tensor query, Tensor key, Tensor value, long tokens) {
        Tensor most = Ops.zeros(device, DType.FLOAT32, 3);
        Tensor scales = empty(DType.FLOAT32, 4);
        Tensor[] wide = {BlockMath.merge(query), BlockMath.merge(key), value};
        Tensor[] rounded = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            int vectors = (int) (wide[i].numel() / FusedMath.VECTOR);
            kernels.launch(
                    "absolute_max",
                    FusedMath.blocks(kernels, Integer.MAX_VALUE),
                    1,
                    TENSOR_THREADS,
                    wide[i],
                    most.narrow(0, i, 1),
                    vectors);
        }
        kernels.launch("attention_scales", 1, 1, 1, most, scales);
        for (int i = 0; i < 3; i++) {
            rounded[i] = empty(DType.FLOAT8_E4M3, Float8Attention.padded(tokens), dim);
            kernels.launch(
                    "quantize_tensor",
                    FusedMath.blocks(kernels, Integer.MAX_VALUE),
                    1,
                    TENSOR_THREADS,
                    wide[i],
                    scales.narrow(0, i, 1),
                    rounded[i],
                    (int) (wide[i].numel() / FusedMath.VECTOR),
                    (int) (rounded[i].numel() / FusedMath.VECTOR));
            wide[i].close();
        }
        query.close();
        key.close();
        Tensor seen =
                kernel.apply(
                        new Float8Attention.Inputs(rounded[0], rounded[1], rounded[2], scales),
                        heads,
                        tokens);
        for (Tensor tensor : rounded) {
            tensor.close();
        }
        Tensor unit = scales.narrow(0, 2, 1).view(1, 1).expand(tokens, 1).contiguous();
        return Activation.of(new Float8(seen, unit));
    }

    private Tensor empty(DType dtype, long... shape) {
        return Ops.empty(device, dtype, shape);
    }

    @Override
    public void close() {
        if (float8 != null) {
            float8.close();
        }
    }
}
