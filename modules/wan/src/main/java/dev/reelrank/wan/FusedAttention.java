package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.Activation;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Float8;
import dev.reelrank.torch.Float8Attention;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RowKernels;
import dev.reelrank.torch.TorchDevice;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/** Self-attention on a GPU, by the fastest way there, as input of the next linear layer. */
final class FusedAttention implements AutoCloseable {
    private static final int TENSOR_THREADS = 512;
    private static final int VECTOR = 8;
    private static final int BLOCKS_PER_PROCESSOR = 4;

    private final RowKernels rows;
    private final CudaKernels kernels;
    private final TorchDevice device;
    private final long heads;
    private final long dim;
    private final @Nullable Float8Attention float8;

    /**
     * @param rows closed by the caller
     */
    FusedAttention(
            RowKernels rows, TransformerConfig config, TorchDevice device, Precision precision) {
        this.rows = rows;
        this.kernels = rows.kernels();
        this.device = device;
        this.heads = config.heads();
        this.dim = config.dim();
        this.float8 = precision == Precision.FP8_ATTENTION ? new Float8Attention(device) : null;
    }

    /**
     * Frees what it is given when it is used up.
     *
     * @param query shape (1, heads, tokens, head dim)
     * @param key like query
     * @param value shape (1, tokens, dim)
     */
    Activation apply(Tensor query, Tensor key, Tensor value) {
        if (float8 != null) {
            return float8(float8, query, key, value, value.numel() / dim);
        }
        Tensor values = BlockMath.split(value, heads);
        value.close();
        return rows.attention(query, key, values);
    }

    /** The result keeps the scale that the kernel gave it: no second rounding. */
    private Activation float8(
            Float8Attention kernel, Tensor query, Tensor key, Tensor value, long tokens) {
        Tensor most = Ops.zeros(device, DType.FLOAT32, 3);
        Tensor scales = empty(DType.FLOAT32, 4);
        Tensor[] wide = {BlockMath.merge(query), BlockMath.merge(key), value};
        Tensor[] rounded = new Tensor[3];
        for (int i = 0; i < 3; i++) {
            int vectors = (int) (wide[i].numel() / VECTOR);
            kernels.launch(
                    "absolute_max",
                    kernels.blocks(Integer.MAX_VALUE, BLOCKS_PER_PROCESSOR),
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
                    kernels.blocks(Integer.MAX_VALUE, BLOCKS_PER_PROCESSOR),
                    1,
                    TENSOR_THREADS,
                    wide[i],
                    scales.narrow(0, i, 1),
                    rounded[i],
                    (int) (wide[i].numel() / VECTOR),
                    (int) (rounded[i].numel() / VECTOR));
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
