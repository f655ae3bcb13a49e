package dev.reelrank.wan;

import dev.reelrank.diffusion.Precision;
import dev.reelrank.torch.Activation;
import dev.reelrank.torch.Linear;
import dev.reelrank.torch.RmsNorm;
import dev.reelrank.torch.RowKernels;
import dev.reelrank.torch.TensorScope;
import dev.reelrank.torch.TorchDevice;
import dev.reelrank.torch.sparse.BlockMap;
import dev.reelrank.torch.sparse.SparseAttentionKernel;
import dev.reelrank.torch.sparse.SparseLinearKernels;
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
    private final RowKernels rows;
    private final FusedAttention attention;

    /** Whether our own kernels of sparse attention run here. */
    private final boolean ownSparse;

    private @Nullable SparseAttentionKernel sparseKernel;

    /** What the kernel at hand was made for. */
    private SparseKernels sparseKernels = SparseKernels.BFLOAT16;

    private @Nullable SparseLinearKernels linearKernels;
    private final int dim;

    FusedMath(TransformerConfig config, TorchDevice device, Precision precision) {
        this.device = device;
        this.ownSparse = config.headDim() == SPARSE_HEAD && device.hasOwnKernels();
        this.dim = (int) config.dim();
        rows = new RowKernels(device, sizes(config), precision.float8Rows());
        try {
            attention = new FusedAttention(rows, config, device, precision);
        } catch (RuntimeException e) {
            rows.close();
            throw e;
        }
        if (ownSparse && config.distillation() == Distillation.SPARSE_LINEAR) {
            compileSparse();
        }
    }

    /** Now, while the model loads, and not in the first step of a candidate. */
    private void compileSparse() {
        try {
            sparseKernel =
                    new SparseAttentionKernel(
                            device, SparseLinear.QUERY_BLOCK, SparseLinear.KEY_BLOCK);
            linearKernels = new SparseLinearKernels(device);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static RowKernels.Sizes sizes(TransformerConfig config) {
        return new RowKernels.Sizes(config.dim(), config.ffnDim(), config.headDim());
    }

    /** Whether there are kernels for this device, precision and size. */
    static boolean possible(TransformerConfig config, TorchDevice device, Precision precision) {
        return RowKernels.possible(device, precision.dtype(), sizes(config));
    }

    private int blocks(long count) {
        return rows.kernels().blocks(count, BLOCKS_PER_PROCESSOR);
    }

    @Override
    public Activation norm(Tensor x, Affine affine) {
        return normed(x, null, null, affine);
    }

    @Override
    public Normed residualNorm(Tensor x, Tensor y, @Nullable Gate gate, Affine affine) {
        return new Normed(x, normed(x, y, gate, affine));
    }

    private Activation normed(Tensor x, @Nullable Tensor y, @Nullable Gate gate, Affine affine) {
        long count = x.numel() / dim;
        Activation out = rows.empty(count);
        var stretches =
                gate != null && gate.stretches().given() > 0
                        ? gate.stretches()
                        : affine.stretches();
        // A view keeps the memory of what it shows: in the scope around, it would outlive this.
        try (var views = TensorScope.open()) {
            Tensor added = y == null ? null : y.contiguous();
            for (var stretch : stretches.among(count)) {
                var told = affine.of(stretch);
                rows.norm(
                        stretch.of(x),
                        added == null ? null : stretch.of(added),
                        gate == null ? null : stretch.row(gate.factor()),
                        new RowKernels.Affine(told.factor(), told.shift(), affine.epsilon()),
                        out.narrow(stretch.from(), stretch.count()));
            }
        }
        return out;
    }

    @Override
    public Tensor residual(Tensor x, Tensor y, Gate gate) {
        try (var views = TensorScope.open()) {
            Tensor added = y.contiguous();
            for (var stretch : gate.stretches().among(x.numel() / dim)) {
                rows.gated(stretch.of(x), stretch.of(added), stretch.row(gate.factor()));
            }
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
        long count = query.numel() / dim;
        rows.kernels()
                .launch(
                        "head_norm",
                        blocks(count) / 2 + 1,
                        2,
                        rows.dimThreads(),
                        query,
                        key,
                        queryNorm.weight(),
                        keyNorm.weight(),
                        rotary.cos(),
                        rotary.sin(),
                        (int) count,
                        (float) queryNorm.epsilon());
        return new Tensor[] {split(query, heads), split(key, heads)};
    }

    @Override
    public Tensor heads(Tensor x, RmsNorm norm, long heads) {
        long count = x.numel() / dim;
        rows.kernels()
                .launch(
                        "head_norm",
                        blocks(count),
                        1,
                        rows.dimThreads(),
                        x,
                        x,
                        norm.weight(),
                        norm.weight(),
                        null,
                        null,
                        (int) count,
                        (float) norm.epsilon());
        return split(x, heads);
    }

    private Tensor split(Tensor x, long heads) {
        return TensorScope.compute(() -> x.view(1, -1, heads, dim / heads).transpose(1, 2));
    }

    @Override
    public Activation attention(Tensor[] heads, Tensor value) {
        return attention.apply(heads[0], heads[1], value);
    }

    @Override
    public Tensor sparse(
            Tensor query, Tensor key, Tensor value, BlockMap map, SparseKernels wanted) {
        if (!wanted.own() || !ownSparse || !SparseAttentionKernel.hasBlocks(map)) {
            return BlockMath.super.sparse(query, key, value, map, SparseKernels.NONE);
        }
        if (sparseKernel != null && (!sparseKernel.takes(map) || wanted != sparseKernels)) {
            sparseKernel.close();
            sparseKernel = null;
        }
        if (sparseKernel == null) {
            sparseKernels = wanted;
            sparseKernel =
                    wanted == SparseKernels.FLOAT8 && SparseAttentionKernel.hasFloat8(device, map)
                            ? SparseAttentionKernel.float8(device, map.keyBlock())
                            : new SparseAttentionKernel(device, map.queryBlock(), map.keyBlock());
        }
        return sparseKernel.apply(query, key, value, map).output();
    }

    @Override
    public BlockMap topShare(
            Tensor query,
            Tensor key,
            double share,
            long queryBlock,
            long keyBlock,
            SparseKernels wanted) {
        return wanted.own() && ownSparse
                ? linearKernels().topShare(query, key, share, queryBlock, keyBlock)
                : BlockMath.super.topShare(
                        query, key, share, queryBlock, keyBlock, SparseKernels.NONE);
    }

    @Override
    public Tensor addLinear(
            Tensor sparse,
            Tensor query,
            Tensor key,
            Tensor value,
            Tensor weight,
            Tensor bias,
            SparseKernels wanted) {
        if (!wanted.own() || !ownSparse) {
            return BlockMath.super.addLinear(
                    sparse, query, key, value, weight, bias, SparseKernels.NONE);
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
        return rows.input(x);
    }

    @Override
    public Activation gelu(Activation x, Linear up) {
        return rows.gelu(x, up);
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
        rows.close();
    }
}
