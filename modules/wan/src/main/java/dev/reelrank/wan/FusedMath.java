package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.CudaKernels;
import dev.reelrank.torch.DType;
import dev.reelrank.torch.Float8;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.Ops;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.SparseAttentionKernel;
import dev.reelrank.torch.sparse.SparseLinearKernels;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * One pass over memory for each step between matrix products, by CUDA kernels compiled for the
 * model's sizes: bfloat16 hidden states on a GPU, without gradients. Rounds where the unfused
 * computation rounds, so that both agree to the last bits of bfloat16.
 */
final class FusedMath implements BlockMath, AutoCloseable {
    static final int VECTOR = 8;
    private static final int BLOCKS_PER_PROCESSOR = 4;

    /** The head size that the kernels of sparse attention have. */
    private static final long SPARSE_HEAD = 128;

    private final TorchDevice device;
    private final CudaKernels kernels;
    private final boolean float8;
    private final FusedAttention attention;

    /** Whether our own kernels of sparse attention run here. */
    private final boolean ownSparse;

    private final boolean float8Attention;
    private @Nullable SparseAttentionKernel sparseKernel;
    private @Nullable SparseLinearKernels linearKernels;
    private final int dim;
    private final int dimThreads;
    private final int ffnThreads;

    FusedMath(TransformerConfig config, TorchDevice device, Precision precision) {
        this.device = device;
        this.float8 = precision.float8Rows();
        this.ownSparse = config.headDim() == SPARSE_HEAD && device.hasAsyncCopies();
        this.float8Attention = precision == Precision.FP8_ATTENTION;
        this.dim = (int) config.dim();
        this.dimThreads = threads(config.dim(), 2);
        this.ffnThreads = threads(config.ffnDim(), 4);
        kernels =
                CudaKernels.compile(
                        device,
                        FusedMath.class,
                        "kernels.cu",
                        Map.of(
                                "DIM", config.dim(),
                                "DIM_THREADS", (long) dimThreads,
                                "DIM_VECTORS", vectors(config.dim(), dimThreads),
                                "FFN", config.ffnDim(),
                                "FFN_THREADS", (long) ffnThreads,
                                "FFN_VECTORS", vectors(config.ffnDim(), ffnThreads),
                                "HEAD", config.headDim()));
        try {
            attention = new FusedAttention(kernels, config, device, precision, dimThreads);
        } catch (RuntimeException e) {
            kernels.close();
            throw e;
        }
    }

    /** Whether there are kernels for this device, precision and size. */
    static boolean possible(TransformerConfig config, TorchDevice device, Precision precision) {
        return device.isCuda() && precision.dtype() == DType.BFLOAT16 && fits(config);
    }

    /** Whether a model's sizes fit the kernels: whole vectors, and not too many a thread. */
    private static boolean fits(TransformerConfig config) {
        return config.dim() % VECTOR == 0
                && config.ffnDim() % VECTOR == 0
                && config.headDim() % VECTOR == 0
                && config.ffnDim() <= 1024 * 4 * VECTOR;
    }

    private static int threads(long width, int vectorsPerThread) {
        long threads = (width / VECTOR + vectorsPerThread - 1) / vectorsPerThread;
        return (int) Math.min(1024, (threads + 31) / 32 * 32);
    }

    private static long vectors(long width, int threads) {
        return (width / VECTOR + threads - 1) / threads;
    }

    private int blocks(long rows) {
        return blocks(kernels, rows);
    }

    /** The number of CUDA blocks for a number of rows. */
    static int blocks(CudaKernels kernels, long rows) {
        return kernels.blocks(rows, BLOCKS_PER_PROCESSOR);
    }

    @Override
    public Activation norm(Tensor x, Affine affine) {
        return normed("norm", x, null, null, affine);
    }

    @Override
    public Normed residualNorm(Tensor x, Tensor y, @Nullable Gate gate, Affine affine) {
        return new Normed(x, normed(gate == null ? "add_norm" : "gated_norm", x, y, gate, affine));
    }

    private Activation normed(
            String kernel, Tensor x, @Nullable Tensor y, @Nullable Gate gate, Affine affine) {
        long rows = x.numel() / dim;
        Tensor out =
                float8 ? empty(DType.FLOAT8_E4M3, rows, dim) : empty(DType.BFLOAT16, 1, rows, dim);
        Tensor scale = float8 ? empty(DType.FLOAT32, rows, 1) : null;
        Tensor added = y == null ? null : y.contiguous();
        var stretches =
                gate != null && gate.stretches().given() > 0
                        ? gate.stretches()
                        : affine.stretches();
        for (var stretch : stretches.among(rows)) {
            var told = affine.of(stretch);
            kernels.launch(
                    kernel + (float8 ? "_float8" : "_bf16"),
                    blocks(stretch.count()),
                    1,
                    dimThreads,
                    stretch.of(x),
                    added == null ? null : stretch.of(added),
                    gate == null ? null : stretch.row(gate.factor()),
                    told.factor(),
                    told.shift(),
                    stretch.of(out),
                    scale == null ? null : stretch.of(scale),
                    (int) stretch.count(),
                    (float) affine.epsilon());
        }
        return scale == null ? Activation.of(out) : Activation.of(new Float8(out, scale));
    }

    @Override
    public Tensor residual(Tensor x, Tensor y, Gate gate) {
        Tensor added = y.contiguous();
        for (var stretch : gate.stretches().among(x.numel() / dim)) {
            kernels.launch(
                    "gated",
                    blocks(stretch.count()),
                    1,
                    dimThreads,
                    stretch.of(x),
                    stretch.of(added),
                    stretch.row(gate.factor()),
                    null,
                    null,
                    null,
                    null,
                    (int) stretch.count(),
                    0f);
        }
        return x;
    }

    @Override
    public Tensor[] heads(
            Tensor query,
            RmsNorm queryNorm,
            Tensor key,
            RmsNorm keyNorm,
            long heads,
            RotaryTable rotary) {
        long rows = query.numel() / dim;
        kernels.launch(
                "head_norm",
                blocks(rows) / 2 + 1,
                2,
                dimThreads,
                query,
                key,
                queryNorm.weight(),
                keyNorm.weight(),
                rotary.cos(),
                rotary.sin(),
                (int) rows,
                (float) queryNorm.epsilon());
        return new Tensor[] {split(query, heads), split(key, heads)};
    }

    @Override
    public Tensor heads(Tensor x, RmsNorm norm, long heads) {
        long rows = x.numel() / dim;
        kernels.launch(
                "head_norm",
                blocks(rows),
                1,
                dimThreads,
                x,
                x,
                norm.weight(),
                norm.weight(),
                null,
                null,
                (int) rows,
                (float) norm.epsilon());
        return split(x, heads);
    }

    private Tensor split(Tensor x, long heads) {
        return TensorScope.compute(() -> x.view(1, -1, heads, dim / heads).transpose(1, 2));
    }

    @Override
    public Activation attention(Tensor[] heads, Tensor value) {
        return attention.apply(heads[0], heads[1], value, this::input);
    }

    @Override
    public Tensor sparse(Tensor query, Tensor key, Tensor value, BlockMap map, boolean own) {
        if (!own || !ownSparse || !SparseAttentionKernel.hasBlocks(map)) {
            return BlockMath.super.sparse(query, key, value, map, false);
        }
        if (sparseKernel != null && !sparseKernel.takes(map)) {
            sparseKernel.close();
            sparseKernel = null;
        }
        if (sparseKernel == null) {
            sparseKernel =
                    float8Attention && SparseAttentionKernel.hasFloat8(device, map)
                            ? SparseAttentionKernel.float8(device, map.keyBlock())
                            : new SparseAttentionKernel(device, map.queryBlock(), map.keyBlock());
        }
        return sparseKernel.apply(query, key, value, map).output();
    }

    @Override
    public BlockMap topShare(
            Tensor query, Tensor key, double share, long queryBlock, long keyBlock, boolean own) {
        return own && ownSparse
                ? linearKernels().topShare(query, key, share, queryBlock, keyBlock)
                : BlockMath.super.topShare(query, key, share, queryBlock, keyBlock, false);
    }

    @Override
    public Tensor addLinear(
            Tensor sparse,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor weight,
            Tensor bias,
            boolean own) {
        if (!own || !ownSparse) {
            return BlockMath.super.addLinear(sparse, query, key, value, weight, bias, false);
        }
        linearKernels().addLinear(sparse, query, key, value, weight, bias);
        return sparse;
    }

    private SparseLinearKernels linearKernels() {
        if (linearKernels == null) {
            linearKernels = new SparseLinearKernels(device);
        }
        return linearKernels;
    }

    @Override
    public Activation input(Tensor x) {
        return float8
                ? Activation.of(quantized("quantize_rows", x, dim, dimThreads))
                : Activation.of(x);
    }

    @Override
    public Activation gelu(Activation x, Linear up) {
        if (!float8) {
            return Activation.of(x.throughGelu(up));
        }
        Tensor wide = x.through(up);
        var rows = quantized("gelu_quantize", wide, wide.size(-1), ffnThreads);
        wide.close();
        return Activation.of(rows);
    }

    private Float8 quantized(String kernel, Tensor x, long width, int threads) {
        long rows = x.numel() / width;
        Tensor out = empty(DType.FLOAT8_E4M3, rows, width);
        Tensor scale = empty(DType.FLOAT32, rows, 1);
        kernels.launch(kernel, blocks(rows), 1, threads, x.contiguous(), out, scale, (int) rows);
        return new Float8(out, scale);
    }

    private Tensor empty(DType dtype, long... shape) {
        return Ops.empty(device, dtype, shape);
    }

    @Override
    public void close() {
        attention.close();
        if (sparseKernel != null) {
            sparseKernel.close();
        }
        if (linearKernels != null) {
            linearKernels.close();
        }
        kernels.close();
    }
}
